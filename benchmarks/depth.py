"""What generating costs by depth and by width: 100 layers should take less than 3 times as long as 10, width nothing."""

from __future__ import annotations

from processes import median_seconds


def generate(layers: int, width: int) -> list[str]:
    arch = f"{width}-" + "-".join([f"{width}:tanh"] * (layers - 1) + ["10:softmax"])
    return ["-m", "symbp", "generate", arch, "--loss", "cross_entropy"]


def main() -> None:
    shallow, deep = median_seconds(generate(10, 32)), median_seconds(generate(100, 32))
    wide = median_seconds(generate(10, 4096))
    print(f"generate,  10 layers of 32:    {shallow:6.2f} s")
    print(f"generate, 100 layers of 32:    {deep:6.2f} s   ratio {deep / shallow:.2f}  (limit 3)")
    print(f"generate,  10 layers of 4096:  {wide:6.2f} s   ratio {wide / shallow:.2f}  (limit 1.1)")


if __name__ == "__main__":
    main()
