"""A function and a layer of one's own, as a file describes them."""

QUADRATIC = """[functions]
swish = "z/(1 + exp(-beta*z))"
[constants]
beta = 1.5
[layer.quadratic]
input = "x[n,i]"
output = "y[n,o]"
parameters = { A = "o i j", c = "o" }
forward = ["y[n,o] = sum(A[o,i,j]*x[n,i]*x[n,j], i, j) + c[o]"]
"""
