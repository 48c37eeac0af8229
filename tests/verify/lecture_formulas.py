"""Formulas of the lectures, and of textbooks, in the network's names: right ones, and wrong ones with cause and fix."""

MLP = ("2-2:sigmoid-2:sigmoid", "sse")

RIGHT = {
    MLP: """
        z1 = W1 @ x + b1
        a1 = g(z1)
        z2 = W2 @ a1 + b2
        yhat = g(z2)
        J = 1/2*((yhat - y)**2).sum()
        J = 0.5*(yhat - y).T @ (yhat - y)
        e2 = yhat - y
        dJ/dyhat = yhat - y
        delta2 = g'(z2) * e2
        delta2 = (yhat - y)*yhat*(1 - yhat)
        e1 = W2.T @ delta2
        e1 = W2.T.dot(delta2)
        delta1 = g'(z1) * e1
        delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = W2.T @ delta2 * a1 * (1 - a1)
        delta1 = np.diag(g'(z1)) @ W2.T @ delta2
        delta1 = (W2.T @ (g'(z2)*(yhat - y))) * sigmoid'(z1)
        delta1 = np.exp(-z1)/(1 + np.exp(-z1))**2 * e1
        dJ/dW2 = delta2 @ a1.T
        dJ/dW1 = delta1 @ x.T
        dW1 = np.outer(delta1, x)
        dJ/dW1.T = x @ delta1.T
        dJ/db1 = delta1
        dJ/dx = W1.T @ delta1
        e0 = W1.T @ delta1
        e1[j] = sum(W2[i,j]*delta2[i], i)
        dW1[i,j] = delta1[i]*x[j]
        dJ/dW2[i,j] = delta2[i]*a1[j]
        delta1[i] = sum(delta2[k]*W2[k,i], k)*g'(z1[i])
        delta1[n,i] = sum(delta2[n,k]*W2[k,i], k)*g'(z1[n,i])
        dW1[i,j] = sum(delta1[n,i]*x[n,j], n)
        db1[i] = sum(delta1[n,i], n)
        db1 = delta1.sum(axis=1, keepdims=True)
        db2 = np.sum(delta2, axis=1)
        e2[n,k] = (yhat[n,k] - y[n,k])/N
    """,
    ("3-4:tanh-2:softmax", "cross_entropy"): """
        yhat = softmax(z2)
        yhat = np.exp(z2)/np.sum(np.exp(z2), axis=0, keepdims=True)
        J = -np.sum(y*np.log(yhat))
        e2 = -y/yhat
        delta2 = yhat - y
        delta2 = yhat*(e2 - (e2*yhat).sum(axis=0, keepdims=True))
        delta2 = (np.diag(yhat) - yhat @ yhat.T) @ e2
        delta1 = (W2.T @ (yhat - y)) * (1 - a1**2)
        delta1 = (W2.T @ delta2) * (1 - np.tanh(z1)**2)
        dW2 = (yhat - y) @ a1.T
        delta2[k] = yhat[k] - y[k]
        delta2[k] = yhat[k]*(e2[k] - sum(e2[j]*yhat[j], j))
    """,
    ("3-4:relu-2:sigmoid", "binary_cross_entropy"): """
        a1 = np.maximum(0, z1)
        delta2 = yhat - y
        e2 = -y/yhat + (1 - y)/(1 - yhat)
        J = -(y*np.log(yhat) + (1 - y)*np.log(1 - yhat)).sum()
        delta1 = (W2.T @ delta2) * (z1 > 0)
        delta1 = (W2.T @ delta2) * 1[z1 > 0]
        delta1 = np.where(z1 > 0, W2.T @ delta2, 0)
        delta1 = (W2.T @ (yhat - y)) * (a1 > 0)
    """,
    ("3-2", "sse"): """
        delta1 = yhat - y
        dW1 = (yhat - y) @ x.T
        dW1[i,j] = (yhat[i] - y[i])*x[j]
    """,
    ("3-2", "squared_error"): """
        delta1 = 2*(yhat - y)
        dW1 = -2*(y - yhat) @ x.T
    """,
    ("3-2:tanh-4", "mse"): """
        delta2 = 2/n2*(yhat - y)
        delta2 = 2*(yhat - y)/y.size
        J = np.mean((yhat - y)**2)
        e2 = (yhat - y)/2
    """,
    ("1-1:sigmoid-1:sigmoid-1:sigmoid", "sse"): """
        delta2 = e2*g'(z2)
        e1 = delta2*W2
        e1 = W2 @ delta2
        dW2 = delta2*a1
    """,
    ("4-3:tanh-3:sigmoid-3:softmax", "cross_entropy"): """
        delta3 = yhat - y
        delta2 = (W3.T @ delta3)*g'(z2)
        delta1 = (W2.T @ delta2)*g'(z1)
        delta1 = (W2.T @ ((W3.T @ (yhat - y)) * a2*(1 - a2))) * (1 - a1**2)
        dW3 = delta3 @ a2.T
    """,
}

WRONG = {
    MLP: """
        delta1 = W2.T @ delta2                          | activation_derivative | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2 @ delta2) * g'(z1)                 | transpose             | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = W2 @ delta2                            | transpose             | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (delta2 @ W2.T) * g'(z1)               | operand_order         | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T @ delta2) * g(z1)                | derivative_for_function | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W1.T @ delta2) * g'(z1)               | wrong_layer           | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T @ delta2) * g'(z2)               | wrong_layer           | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T @ delta1) * g'(z1)               | wrong_layer           | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = (W2.T * delta2) * g'(z1)               | hadamard_for_product  | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = 2*(W2.T @ delta2) * g'(z1)             | factor                | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = -(W2.T @ delta2) * g'(z1)              | sign                  | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = -17*(W2.T @ delta2) * g'(z1)           | factor                |
        delta1 = (W2.T @ delta2) * a1                   |                       |
        delta1 = (W2.T @ delta2) * a1 * (1 + a1)        | sign                  | delta1 = (W2.T @ delta2) * a1 * (1 - a1)
        delta1 = (W2.T @ delta2) * g'(a1)               | wrong_variable        | delta1 = (W2.T @ delta2) * g'(z1)
        delta1 = np.exp(z1)/(1 + np.exp(-z1)) * e1      |                       |
        delta2 = yhat - y                               | activation_derivative | delta2 = (yhat - y) * g'(z2)
        e2 = y - yhat                                   | sign                  | e2 = yhat - y
        e2 = 2*(yhat - y)                               | factor                | e2 = yhat - y
        e1 = W2 @ delta2                                | transpose             | e1 = W2.T @ delta2
        e1 = W2.T @ e2                                  |                       |
        dJ/dW1 = x @ delta1.T                           | transpose             | dJ/dW1 = delta1 @ x.T
        dJ/dW1 = delta1.T @ x                           |                       | dJ/dW1 = delta1 @ x.T
        dJ/dW2 = delta2 @ a2.T                          | wrong_layer           | dJ/dW2 = delta2 @ a1.T
        dJ/dW1 = delta1 @ x                             | transpose             | dJ/dW1 = delta1 @ x.T
        dJ/dW1 = delta1 * x                             | transpose             | dJ/dW1 = delta1 * x.T
        dJ/dW1 = e1 @ x.T                               |                       |
        dJ/db1 = delta2                                 | wrong_layer           | dJ/db1 = delta1
        dJ/db1 = delta1.T                               | transpose             | dJ/db1 = delta1
        J = ((yhat - y)**2).sum()                       | factor                |
        db1 = delta1.sum(axis=1)/N                      | factor                | db1 = delta1.sum(axis=1)
        db1 = delta1.sum(axis=0)                        |                       |
        delta1[i] = sum(delta2[k]*W2[i,k], k)*g'(z1[i]) | transpose             |
        delta1[i] = sum(delta2[k]*W2[k,i], k)           | activation_derivative |
        dW1[i,j] = delta1[j]*x[i]                       |                       |
        db1[i] = delta1[n,i]                            | missing_sum           | db1[i] = sum(delta1[n,i], n)
        dW1[i,j] = delta1[n,i]*x[n,j]                   | missing_sum           |
        delta1 = (W2.T @ delta2) * g'(z1) + 1e-30*z1    |                       |
        delta1 = 0                                      |                       |
    """,
    ("3-4:tanh-2:softmax", "cross_entropy"): """
        delta2 = y - yhat                               | sign                  | delta2 = yhat - y
        delta2 = (yhat - y) * yhat * (1 - yhat)         |                       |
        delta2 = e2 * g'(z2)                            |                       |
        delta2 = e2 * yhat * (1 - yhat)                 |                       |
        e2 = -y*yhat                                    |                       |
        e2 = yhat - y                                   |                       |
        delta1 = (W2.T @ delta2) * (1 - tanh(a1)**2)    |                       |
        delta1 = (W2.T @ delta2) * (1 - a1)**2          |                       |
    """,
    ("3-4:tanh-3:softmax", "sse"): """
        delta2 = yhat - y                               |                       |
        delta2 = (yhat - y) * g'(z2)                    |                       |
    """,
    ("3-4:relu-2:sigmoid", "binary_cross_entropy"): """
        delta1 = (W2.T @ delta2) * (z1 < 0)             |                       |
        delta1 = (W2.T @ delta2) * a1                   | derivative_for_function |
        delta1 = W2.T @ delta2                          | activation_derivative |
        delta2 = (yhat - y) * yhat * (1 - yhat)         |                       |
    """,
    ("3-2", "squared_error"): """
        delta1 = yhat - y                               | factor                | delta1 = 2 * (yhat - y)
        dW1 = 2*(yhat - y) * x.T + W1                   |                       |
    """,
    ("3-2:tanh-4", "mse"): """
        e2 = (yhat - y)/3                               |                       |
        e2 = 2*(yhat - y)                               | missing_mean          | e2 = 2 * (yhat - y) / n2
    """,
    ("4-3:tanh-3:sigmoid-3:softmax", "cross_entropy"): """
        delta2 = (W2.T @ delta3)*g'(z2)                 | wrong_layer           | delta2 = (W3.T @ delta3) * g'(z2)
        delta1 = (W2.T @ delta2)*g'(z2)                 | wrong_layer           |
        delta2 = (W3 @ delta3)*g'(z2)                   | transpose             |
        dW3 = delta3 @ a3.T                             | wrong_layer           |
    """,
}
