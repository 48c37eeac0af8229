"""Notations of lecturers that nobody ships, as texts of TOML files: what each asks for that no other does."""

PLAIN = r"""
title = "plain"
[letters]
loss = 'J'
input = 'x'
target = 'y'
prediction = '\hat{y}'
pre_activation = 'z'
activation = 'a'
weight = { print = 'W', element = 'w' }
bias = 'b'
delta = '\delta'
"""

BOLD = PLAIN.replace('"plain"', '"bold"\nbold = true\nlayer = "subscript"')

FROM_ZERO = PLAIN.replace('"plain"', '"the first hidden layer is layer 2"\nfirst_layer = 2\nlayer = "brackets"')

ROWS = PLAIN.replace('"plain"', '"rows"\nvectors = "rows"\nweights = "from-to"')

TO_ZERO = PLAIN.replace('"plain"', '"biases are w_i0"\nbias_in_weights = true')

BY_LAYER = r"""
title = "two layers with letters of their own"
[letters]
loss = 'E'
input = 'x'
target = 't'
prediction = 'y'
weight1 = 'V'
bias1 = 'c'
pre_activation1 = 'u'
activation1 = 'h'
delta1 = '\epsilon'
weight2 = 'W'
bias2 = 'b'
pre_activation2 = 'v'
delta2 = '\delta'
[activation]
print = 'g'
"""

UNITS = r"""
title = "units x_i, h_j and o_k, and P examples, p the number of one"
examples = ['P', 'N']
example = 'p'
weights = 'from-to'
units = { to = 'j', from = 'i', layers = ['i', 'j', 'k'] }
[letters]
loss = 'E'
input = { print = 'x', batch = 'X' }
target = { print = 't', batch = 'T' }
prediction = { print = '\hat{y}', batch = '\hat{Y}' }
pre_activation = { print = 'z', batch = 'Z' }
activation = { print = 'a', batch = 'A' }
weight = { print = 'W', element = 'w' }
bias = 'b'
delta = { print = '\delta', batch = '\Delta' }
"""

BATCH_ROWS = UNITS.replace("weights", "vectors = 'rows'\nweights").replace("'i', 'j', 'k'", "'r', 's', 'u'")

OWN = {
    "bold": BOLD,
    "from_zero": FROM_ZERO,
    "rows": ROWS,
    "to_zero": TO_ZERO,
    "by_layer": BY_LAYER,
    "plain": PLAIN,
    "units": UNITS,
}
"""Notations by name."""
