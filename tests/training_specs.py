"""Training specs for tests: networks that differ in their initializers, alike in all else."""

from typing import Any

from msgspec.structs import replace

from core.training import TrainingSpec, Variant

OF_VARIANTS = frozenset(Variant.__struct_fields__)


def training(base: TrainingSpec | None = None, initializers: Any = None, **fields: Any) -> TrainingSpec:
    """A spec changed: fields of a variant in all variants, a variant like the first for each initializer."""
    rest = {name: value for name, value in fields.items() if name not in OF_VARIANTS}
    spec = replace(base or TrainingSpec(), **rest)
    if initializers is not None:
        spec = replace(
            spec, variants=tuple(replace(spec.variants[0], initializer=each) for each in initializers)
        )
    alike = {name: value for name, value in fields.items() if name in OF_VARIANTS}
    return spec.with_variants(lambda variant: replace(variant, **alike))
