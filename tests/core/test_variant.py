"""What tells the networks of a run apart, in words."""

from msgspec.structs import replace

from core.choice import Choice
from core.network.spec import NetworkSpec
from core.optimizer import MethodSpec
from core.training import TrainingRun, TrainingSpec, Variant, alike
from core.training.variant import labels, names

HE = Variant(initializer=Choice("he_normal"))


def with_network(**fields):
    return replace(HE, network=replace(HE.network, **fields))


def test_one_network_has_the_name_of_its_initializer():
    assert names([HE]) == ("he_normal",)
    assert labels([HE]) == ("He",)


def test_only_what_differs_is_said():
    variants = [HE, with_network(batch_norm="before"), with_network(layers=1)]
    assert labels(variants) == (
        "6 layers · no batch norm", "6 layers · batch norm before", "1 layer · no batch norm"
    )  # fmt: skip
    assert names(variants)[1] == "layers=6 batch_norm=before"


def test_numbers_of_another_optimizer_are_said_where_it_has_them():
    adam, momentum = (
        replace(HE, method=MethodSpec(Choice(key, {"learning_rate": 0.1}))) for key in ("adam", "momentum")
    )
    assert labels([adam, momentum])[1].startswith("Momentum · momentum 0.9")
    faster = replace(adam, method=MethodSpec(Choice("adam", {"learning_rate": 0.5})))
    assert labels([adam, faster]) == ("rate 0.1", "rate 0.5")
    cosine = replace(adam, method=MethodSpec(adam.method.optimizer, Choice("cosine", {"warmup_steps": 5})))
    assert labels([adam, cosine]) == ("constant", "cosine warmup steps 5")


def test_networks_that_do_not_differ_are_numbered():
    assert labels([HE, HE, HE]) == ("He", "He (2)", "He (3)")
    assert names([HE, HE]) == ("he_normal", "he_normal#2")


def test_names_are_never_twice_the_same():
    initializers = [Choice("small_normal"), Choice("small_normal", {"std": 0.1}), Choice("zeros")]
    variants = [*alike(initializers), *alike(initializers, l2=0.1), *alike(initializers[:2])]
    assert len(set(names(variants))) == len(set(labels(variants))) == len(variants)


def test_networks_with_the_same_initializer_begin_with_the_same_weights_and_shapes_mix():
    shapes = (NetworkSpec(2, 8), NetworkSpec(2, 8, batch_norm="after"), NetworkSpec(3, 5, Choice("relu")))
    spec = TrainingSpec(Choice("moons"), tuple(replace(HE, network=shape) for shape in shapes), epochs=2)
    run = TrainingRun(spec)
    first, normed, other = (trainee.network.weights.copy() for trainee in run._trainees)
    assert (first == normed).all()
    assert first.shape != other.shape
    while not run.finished:
        run.step()
    frame = run.frame()
    assert [len(network.statistics) for network in frame.networks] == [10, 10, 15]
    alone = TrainingRun(replace(spec, variants=spec.variants[:1]))
    while not alone.finished:
        alone.step()
    assert (alone._trainees[0].network.weights == run._trainees[0].network.weights).all()
