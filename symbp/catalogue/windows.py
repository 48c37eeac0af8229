"""The layers that slide: convolutions and pooling, and those that lay an example out anew. One entry each, as torch has them."""

from __future__ import annotations

from symbp.catalogue.kinds import LayerKind, Variant

_ROW = "(t + 2*p1 - d1*(u - 1) - 1)//s1 + 1"
_HIGH = "(h + 2*p1 - d1*(u - 1) - 1)//s1 + 1"
_WIDE = "(w + 2*p2 - d2*(v - 1) - 1)//s2 + 1"
_ONE = {"stride": ("s1", "1"), "padding": ("p1", "0"), "dilation": ("d1", "1")}
_TWO = {"stride": ("s1 s2", "1"), "padding": ("p1 p2", "0"), "dilation": ("d1 d2", "1")}
_POOL = {**_TWO, "stride": ("s1 s2", "kernel_size")}
_OUTSIDE = "twice the padding is {}, and the kernel reaches {} places: a window would lie outside"
_PLACE = "s1*p+d1*u-p1,s2*q+d2*v-p2"

WINDOWS = (
    LayerKind(
        "conv1d",
        input="x[n,c,t]",
        output="z[n,o,p]",
        forward=("z[n,o,p] = sum(W[o,c,u]*x[n,c,s1*p+d1*u-p1], c, u) + b[o]",),
        parameters={"W": "o c u", "b": "o"},
        sizes={"out_channels": "o", "kernel_size": "u"},
        wholes=_ONE,
        optional={"bias": "b"},
        lengths={"p": _ROW},
        source="Waibel et al. 1989; Goodfellow, Bengio and Courville 2016, eq. 9.6",
    ),
    LayerKind(
        "conv2d",
        input="x[n,c,h,w]",
        output="z[n,o,p,q]",
        forward=(f"z[n,o,p,q] = sum(W[o,c,u,v]*x[n,c,{_PLACE}], c, u, v) + b[o]",),
        parameters={"W": "o c u v", "b": "o"},
        sizes={"out_channels": "o", "kernel_size": "u v", "groups": "g"},
        wholes=_TWO,
        optional={"bias": "b"},
        lengths={"p": _HIGH, "q": _WIDE},
        variants={
            "groups": Variant(
                (
                    f"y[n,g,a,p,q] = sum(W[ravel(g,a),i,u,v]*x[n,ravel(g,i),{_PLACE}], i, u, v)",
                    "z[n,o,p,q] = sum(y[n,g,a,p,q]*(o == ravel(g,a)), g, a) + b[o]",
                ),
                {"W": "o i u v"},
                {"i": "c/g", "a": "o/g"},
            )
        },
        source="LeCun et al. 1989; Goodfellow, Bengio and Courville 2016, eq. 9.7 and 9.8; groups as in Krizhevsky et al. 2012",
    ),
    LayerKind(
        "conv_transpose2d",
        input="x[n,c,p,q]",
        output="z[n,o,h,w]",
        forward=(
            "z[n,o,h,w] = sum(x[n,c,p,q]*W[c,o,u,v]*(h == s1*p+d1*u-p1)*(w == s2*q+d2*v-p2), c, p, q, u, v) + b[o]",
        ),
        parameters={"W": "c o u v", "b": "o"},
        sizes={"out_channels": "o", "kernel_size": "u v"},
        wholes={**_TWO, "output_padding": ("e1 e2", "0")},
        optional={"bias": "b"},
        lengths={"h": "(p - 1)*s1 - 2*p1 + d1*(u - 1) + e1 + 1", "w": "(q - 1)*s2 - 2*p2 + d2*(v - 1) + e2 + 1"},
        source="Zeiler et al. 2010, eq. 2; Dumoulin and Visin 2016, section 4",
    ),
    LayerKind(
        "zero_pad1d",
        input="x[n,c,t]",
        output="z[n,c,p]",
        forward=("z[n,c,p] = x[n,c,p-l1]",),
        wholes={"padding": ("l1 r1", "padding")},
        lengths={"p": "t + l1 + r1"},
        source="the zeros that a convolution has around its input, as a layer: left, right",
    ),
    LayerKind(
        "zero_pad2d",
        input="x[n,c,h,w]",
        output="z[n,c,p,q]",
        forward=("z[n,c,p,q] = x[n,c,p-l2,q-l1]",),
        wholes={"padding": ("l1 r1 l2 r2", "padding")},
        lengths={"p": "h + l2 + r2", "q": "w + l1 + r1"},
        source="the zeros that a convolution has around its input, as a layer: left, right, top, bottom",
    ),
    LayerKind(
        "max_pool2d",
        input="x[n,c,h,w]",
        output="y[n,c,p,q]",
        forward=(f"y[n,c,p,q] = max(x[n,c,{_PLACE}], u, v)",),
        sizes={"kernel_size": "u v"},
        wholes=_POOL,
        lengths={"p": _HIGH, "q": _WIDE},
        no_more=(("2*p1", "d1*(u - 1) + 1", _OUTSIDE), ("2*p2", "d2*(v - 1) + 1", _OUTSIDE)),
        source="Ranzato, Boureau and LeCun 2007, section 3",
    ),
    LayerKind(
        "avg_pool2d",
        input="x[n,c,h,w]",
        output="y[n,c,p,q]",
        forward=(f"y[n,c,p,q] = mean(x[n,c,{_PLACE.replace('d1*', '').replace('d2*', '')}], u, v)",),
        sizes={"kernel_size": "u v"},
        wholes={name: its for name, its in _POOL.items() if name != "dilation"},
        lengths={"p": _HIGH.replace("d1*", ""), "q": _WIDE.replace("d2*", "")},
        no_more=(("2*p1", "u", _OUTSIDE), ("2*p2", "v", _OUTSIDE)),
        source="LeCun et al. 1989; zeros around the input count, as in torch",
    ),
    LayerKind(
        "flatten",
        input="x[n,...]",
        output="y[n,m]",
        forward=("y[n,m] = sum(x[n,...]*(m == ravel(...)), ...)",),
        lengths={"m": "product(...)"},
        source="the last index counts fastest",
    ),
    LayerKind(
        "reshape",
        input="x[n,...]",
        output="y[n,shape...]",
        forward=("f[n,m] = sum(x[n,...]*(m == ravel(...)), ...)", "y[n,shape...] = f[n,ravel(shape...)]"),
        sizes={"shape": "a b c d"},
        lengths={"m": "product(...)"},
        alike=(("product(shape...)", "product(...)"),),
        source="the last index counts fastest",
    ),
)
