"""Makes ``import seqgen`` work in the folder that contains a clone of this repository.

Python finds this folder first there, as it has the name of the package, and would otherwise
create an empty namespace package. This file loads the package instead. It is not installed.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

if __name__ == "seqgen":
    _spec = spec_from_file_location(__name__, Path(__file__).parent / "seqgen" / "__init__.py")
    assert _spec is not None and _spec.loader is not None
    # A module may replace itself while it is imported.
    sys.modules[__name__] = module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[__name__])
