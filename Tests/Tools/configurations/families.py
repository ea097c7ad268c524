"""Configurations of families, drawn at random: what a published `config.json` of each may say.

Each function of these files returns what is said besides the defaults of transformers; a drawing `d` is asked
for every choice, so that a seed gives the same configuration again.
"""

import dense  # noqa: F401  (each registers its families)
import layer_norm  # noqa: F401
import mixtures  # noqa: F401
import recurrent  # noqa: F401
from drawing import FAMILIES, Drawing  # noqa: F401
