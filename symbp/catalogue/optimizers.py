"""The optimizers and learning-rate schedules, as update rules for one entry of a parameter; defaults as in torch.optim."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.catalogue.kinds import OptimizerKind, ScheduleKind

_MOMENTS = ("m_next = beta1*m + (1 - beta1)*g", "v_next = beta2*v + (1 - beta2)*g**2")
_CORRECTED = ("m_hat = m_next/(1 - beta1**t)", "v_hat = v_next/(1 - beta2**t)")

_ENTRIES = (
    OptimizerKind(
        "sgd", {"lr": 0.1}, ("theta_next = theta - lr*g",), source="Robbins and Monro 1951", words="gradient descent"
    ),
    OptimizerKind(
        "momentum",
        {"lr": 0.01, "momentum": 0.9},
        ("v_next = momentum*v + g", "theta_next = theta - lr*v_next"),
        ("v",),
        source="Polyak 1964",
        words="gradient descent with momentum",
    ),
    OptimizerKind(
        "nesterov",
        {"lr": 0.01, "momentum": 0.9},
        ("v_next = momentum*v + g", "theta_next = theta - lr*(g + momentum*v_next)"),
        ("v",),
        source="Nesterov 1983, in the form of Sutskever et al. 2013",
        words="Nesterov's momentum",
    ),
    OptimizerKind(
        "adagrad",
        {"lr": 0.01, "lr_decay": 0, "eps": 1e-10},
        ("s_next = s + g**2", "theta_next = theta - lr/(1 + (t - 1)*lr_decay)*g/(sqrt(s_next) + eps)"),
        ("s",),
        source="Duchi, Hazan, Singer 2011",
        words="AdaGrad",
    ),
    OptimizerKind(
        "rmsprop",
        {"lr": 0.01, "alpha": 0.99, "eps": 1e-8},
        ("s_next = alpha*s + (1 - alpha)*g**2", "theta_next = theta - lr*g/(sqrt(s_next) + eps)"),
        ("s",),
        source="Tieleman and Hinton 2012",
        words="RMSProp",
    ),
    OptimizerKind(
        "adam",
        {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        (*_MOMENTS, *_CORRECTED, "theta_next = theta - lr*m_hat/(sqrt(v_hat) + eps)"),
        ("m", "v"),
        source="Kingma and Ba 2015, algorithm 1",
        words="Adam",
    ),
    OptimizerKind(
        "adamw",
        {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01},
        (*_MOMENTS, *_CORRECTED, "theta_next = theta - lr*weight_decay*theta - lr*m_hat/(sqrt(v_hat) + eps)"),
        ("m", "v"),
        source="Loshchilov and Hutter 2019, algorithm 2",
        words="AdamW",
    ),
)

OPTIMIZERS: Mapping[str, OptimizerKind] = {entry.name: entry for entry in _ENTRIES}

SCHEDULES: Mapping[str, ScheduleKind] = {
    entry.name: entry
    for entry in (
        ScheduleKind("constant", "lr"),
        ScheduleKind("step", "lr*gamma**floor(t/step_size)", {"step_size": 10, "gamma": 0.1}, source="Krizhevsky 2012"),
        ScheduleKind(
            "cosine",
            "eta_min + (lr - eta_min)*(1 + cos(pi*t/t_max))/2",
            {"t_max": 50, "eta_min": 0},
            source="Loshchilov and Hutter 2017, eq. 5",
        ),
    )
}
