"""How many pairs of each kind there are: relative weights, each a field of the configuration of the pairs."""

from data.synthetic.kinds import settings_class
from data.synthetic.mistakes import or_leave

Weights = or_leave(settings_class, "Weights", "conversations")
