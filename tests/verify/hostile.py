"""Texts that no reader should meet, for every language that claims are written in, and what fuzzers put together."""

DEEP = [
    "(" * 60 + "z1" + ")" * 60, "(" * 20_000, "[" * 20_000, "{" * 20_000, "-" * 20_000 + "z1", "z1" + ".T" * 5000, "exp(" * 300 + "z1",
    "np." * 3000 + "sum(z1)", "z1[" * 2000, "z1" + "[:, None]" * 800, "z1" + "[None]" * 30, "sum(" * 90 + "z1" + ")" * 90,
    "z1" + "**2" * 400, "2" + "**2" * 100, "z1**z1**z1**z1**z1**z1", "where(" * 200 + "z1", "((z1**400)**400)**400",
    "z1" + "*z1" * 90, "z1" + "@z1.T@z1" * 30, "+".join(["z1"] * 110), "exp(" * 50 + "z1" + ")" * 50, "log(abs(" * 25 + "z1" + "))" * 25,
    "softmax(" * 25 + "z1" + ")" * 25, "max(z1, " * 40 + "z1" + ")" * 40, "abs(z1 - " * 35 + "1" + ")" * 35, "sqrt(" * 40 + "abs(z1)" + ")" * 40,
]  # fmt: skip
LARGE = [
    "9**9**9", "9**9**9*z1", "(9**9)**9**9", "1e999999", "1e-999999", "1e400*z1", "9" * 5000, "0." + "0" * 3000 + "1", "1e400**400*z1",
    "z1**999999999999", "z1**(1/999999999)", "z1**-400", "exp(1e300*z1)", "exp(exp(exp(exp(z1))))", "prod(z1)**400", "2**z1**2**z1",
    "1/(z1 - z1)", "0/0", "0**0*z1", "log(0)", "sqrt(-1)*z1", "(-1)**z1", "1/1e-400*z1", "floor(1e300*z1)", "tanh(1e300*z1)", "1e300*1e300*z1",
]  # fmt: skip
INDICES = [
    "z1[" + ",".join(["i"] * 1000) + "]", "sum(" * 50 + "z1[i]" + ", i)" * 50, "sum(z1[i], " + ", ".join(["i"] * 300) + ")",
    "sum(" + "*".join(f"W1[a{k},b{k}]" for k in range(9)) + ", " + ", ".join(f"a{k}, b{k}" for k in range(9)) + ")",
    "sum(z1[i]" + ", i)" * 50, "z1[99999999999999999999]", "z1[1,2,3,4,5,6,7,8,9]", "z1[i][j][k]", "z1[-1]", "z1[" + "i" * 5000 + "]",
    "np.einsum('" + "abcdefgh," * 300 + "', z1)", "np.einsum('ab,bc,cd,de,ef,fg,gh->ah', W1, W1, W1, W1, W1, W1, W1)",
    "np.einsum('" + "a" * 3000 + "', z1)", "np.transpose(W1, (" + ",".join(["0"] * 1000) + "))", "np.tensordot(W1, W1, axes=99999)",
    "np.tensordot(W1, W1, axes=-5)", "np.expand_dims(z1, 10**9)", "z1.sum(axis=99999999999999999999999)", "z1.sum(axis=(" + "0," * 999 + "0))",
    "z1.var(ddof=10**9)", "np.linalg.norm(z1, ord=9**9)", "z1.reshape(" + "-1," * 999 + "-1)", "z1[" + ":," * 999 + ":]", "z1[::::]",
]  # fmt: skip
LETTERS = [
    "\x00", "z1\x00", "\x00" * 5000, "z\u200b1", "ｚ１", "𝐳1", "z１", "z\u0661", "δ1", "\u202ez1", "z1\u202e + 1", "\u2066z1\u2069", "zｌ", "ｅval(z1)",
    "\ufeffz1", "z1\u00a0+ 1", "z1\u2028", "z1\x85", "\ud7ff", "\U0010ffff", "\U000e0001z1", "z̷1", "e\u0301", "1[z1 \u226b 0]", "z1\t\t\t+\t1", "z1\r\n+ 1",
    "z1;import os", "__import__('os').system('true')", "z1.__class__", "eval('1')", "lambda: 1", "[z for z in z1]", "f'{z1}'", "z1 if z1 else z1",
    "a" * 100_000, "z1 + " * 20_000, " " * 100_000, "'" * 9999, '"' * 9999, "z1'" * 3000, "#" * 9999, "\\" * 9999, "=" * 9999, "%" * 9999, "$" * 9999,
]  # fmt: skip
HOSTILE = [*DEEP, *LARGE, *INDICES, *LETTERS]

PIECES = [
    "delta1", "W2", "W1", "delta2", "x", "z1", "a1", "yhat", "y", "N", "n1", "g'(", "g(", "(", ")", ".T", "@", "*", "+", "-", "/", "**", "2", "0.5", "0",
    "[i]", "[k,i]", "[:, None]", "[None]", "[...", "]", "sum(", ", k)", ".sum(axis=1)", ".sum(0)", "axis=(0, 1)", "keepdims=True", "exp(", "log(", "sqrt(",
    "1[", "> 0]", "=", "==", "+=", ",", "softmax(", "diag(", "outer(", "mean(", "np.", "np.linalg.norm(", "np.einsum('ij,jk->ik', ", "'", '"', "where(",
    "maximum(", ".reshape(-1, 1)", "ddof=1", "\0", "é", " ", "dJ/dW1", "dx", "<", ">=", "1e9", ".5", "abs(", ".var(", "max(", "floor(", "None", ":",
]  # fmt: skip
