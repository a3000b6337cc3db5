"""The catalogue: every check, in the order in which a person wants to hear of them."""

from __future__ import annotations

from seqgen.errors import SeqgenError
from seqgen.testing.check import Check
from seqgen.testing.checks.decoding import (
    check_decode_total,
    check_drawn_items,
    check_huge_items,
    check_small_items,
)
from seqgen.testing.checks.domain import (
    check_corpus,
    check_corpus_groups,
    check_corpus_repeats,
    check_data_options,
    check_domain_fields,
    check_options,
    check_presets,
)
from seqgen.testing.checks.encoder import (
    check_encode_leaves_items,
    check_encoded_form,
    check_round_trip,
    check_token_groups,
    check_unknown_symbols,
)
from seqgen.testing.checks.encoder_fit import (
    check_encoding_options,
    check_fingerprint,
    check_fit,
    check_fit_order,
    check_json,
    check_prompt_text,
)
from seqgen.testing.checks.guide import (
    check_contexts,
    check_guide_accepts_corpus,
    check_guide_bound,
    check_guide_dead_ends,
    check_guide_form,
)
from seqgen.testing.checks.guide_state import check_guide_states
from seqgen.testing.checks.isolation import (
    check_bad_data,
    check_import_weight,
    check_shipped_model,
    check_write_inside,
    check_write_paths,
    check_write_receipts,
    check_write_repeats,
)
from seqgen.testing.checks.items import (
    check_augment,
    check_metrics,
    check_rank,
    check_render,
    check_text,
)
from seqgen.testing.checks.options import (
    check_generation_options,
    check_prompt_flags,
    check_resolve,
)

#: A new check reaches every plugin whose tests are parametrized with them. A name, once
#: released, is never given to another law: ``expected_failures`` name it.
CHECKS: tuple[Check, ...] = tuple(
    map(
        Check,
        (
            check_domain_fields,
            check_import_weight,
            check_options,
            check_presets,
            check_corpus,
            check_corpus_repeats,
            check_corpus_groups,
            check_data_options,
            check_bad_data,
            check_fit,
            check_fit_order,
            check_round_trip,
            check_encoded_form,
            check_encode_leaves_items,
            check_json,
            check_fingerprint,
            check_token_groups,
            check_unknown_symbols,
            check_prompt_text,
            check_generation_options,
            check_resolve,
            check_guide_form,
            check_guide_accepts_corpus,
            check_guide_dead_ends,
            check_guide_bound,
            check_guide_states,
            check_contexts,
            check_decode_total,
            check_small_items,
            check_drawn_items,
            check_huge_items,
            check_encoding_options,
            check_shipped_model,
            check_text,
            check_render,
            check_metrics,
            check_augment,
            check_rank,
            check_write_paths,
            check_write_inside,
            check_write_repeats,
            check_write_receipts,
            check_prompt_flags,
        ),
    )
)


def check_named(name: str) -> Check:
    """The check of a name.

    Raises:
        SeqgenError: There is none; the message names all there are.
    """
    for check in CHECKS:
        if check.name == name:
            return check
    raise SeqgenError(
        f"there is no check {name!r}; there are {', '.join(check.name for check in CHECKS)}"
    )
