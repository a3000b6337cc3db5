"""The names of before of ``output``, until every command uses that."""

from seqgen.cli import console  # noqa: F401
from seqgen.cli.output import incomplete_lines as unfinished  # noqa: F401
from seqgen.cli.output import notice_rejection as warn_of_draws  # noqa: F401
from seqgen.cli.output import notice_sampling as tell_samples  # noqa: F401
from seqgen.cli.output import print_data_card as show_card  # noqa: F401
from seqgen.cli.output import print_likelihood as show_figures  # noqa: F401
from seqgen.cli.output import print_preset as show_preset  # noqa: F401
from seqgen.cli.output import print_samples as show_samples  # noqa: F401
from seqgen.cli.output import skipped_lines as left_out_lines  # noqa: F401
