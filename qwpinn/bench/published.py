"""The techniques of this package on the bench, with their own settings unless sizes must agree."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from qwpinn import techniques
from qwpinn.bench.clock import Clock
from qwpinn.bench.technique import NORMALISATION, UNITS, Task, Technique, Watch, finish, layers
from qwpinn.networks.model import QuantumWellPINN
from qwpinn.solving import recipes
from qwpinn.solving.recipes import Recipe
from qwpinn.solving.solver import solve
from qwpinn.training.levenberg_marquardt import LevenbergMarquardt
from qwpinn.training.losses import Loss, RayleighQuotient, VarianceLoss
from qwpinn.training.sampling import Random, Sampling, Sobol, Uniform

# As many points as Gauss's nodes of the baseline in a well of one jump.
POINTS = 416


def identity() -> keras.Layer:
    """What passes on its input."""
    return keras.layers.Identity(dtype="float64")


class Gated(Technique):
    """Hidden layers between two encodings."""

    def hidden(self, task: Task) -> keras.Layer:
        return techniques.GatedMLP(UNITS[0], len(UNITS), seed=task.seed)


class Gaussians(Technique):
    """Trained Gaussians before one layer."""

    def features(self, task: Task) -> keras.Layer:
        return techniques.Gaussians(UNITS[0])

    def hidden(self, task: Task) -> keras.Layer:
        return layers(UNITS[1:], task)


class Fourier(Technique):
    """Random waves before one layer."""

    def features(self, task: Task) -> keras.Layer:
        return techniques.FourierFeatures(UNITS[0], seed=task.seed)

    def hidden(self, task: Task) -> keras.Layer:
        return layers(UNITS[1:], task)


class Sine(Technique):
    """Layers of sines."""

    def hidden(self, task: Task) -> keras.Layer:
        return techniques.siren(UNITS[0], len(UNITS), seed=task.seed)


class Even(Technique):
    """The even part of the baseline's layers: of an even well, where the ground state is even."""

    def features(self, task: Task) -> keras.Layer:
        return techniques.Parity.of_well(task.potential, layers(UNITS, task))

    def hidden(self, task: Task) -> keras.Layer:
        return identity()


class Joined(Technique):
    """A network for each piece of the well, joined by residuals whose weights a bandit chooses."""

    def features(self, task: Task) -> keras.Layer:
        return identity()

    def hidden(self, task: Task) -> keras.Layer:
        return techniques.Joined.for_potential(task.potential, UNITS[0], task.seed)

    def prepare(self, model: QuantumWellPINN) -> None:
        if model.potential.breakpoints:
            model.add_residual("psi", techniques.Continuity(0))
            model.add_residual("slope", techniques.Continuity(1))

    def callbacks(
        self, model: QuantumWellPINN, data: tf.data.Dataset
    ) -> Sequence[keras.callbacks.Callback]:
        return (techniques.InterfaceBandit(data),) if model.potential.breakpoints else ()


class NoKinks(Technique):
    """Layers that see xi alone, as where nothing is known of V."""

    def features(self, task: Task) -> keras.Layer:
        return identity()


class EvenPoints(Technique):
    """Points in the middles of equal cells."""

    def sampling(self, task: Task) -> Sampling:
        return Uniform(POINTS)


class SobolPoints(Technique):
    """Points of Sobol's sequence."""

    def sampling(self, task: Task) -> Sampling:
        return Sobol(512, seed=task.seed)


class RandomPoints(Technique):
    """Random points, drawn anew at each step."""

    def sampling(self, task: Task) -> Sampling:
        return Random(POINTS, resample=True, seed=task.seed)


class RandomGrid(Technique):
    """A point in each cell of a grid, drawn anew at each step."""

    def sampling(self, task: Task) -> Sampling:
        found: Sampling = techniques.RandomGrid(POINTS, seed=task.seed)
        return found


class Adaptive(Technique):
    """Points where the residual is large."""

    def sampling(self, task: Task) -> Sampling:
        found: Sampling = techniques.AdaptivePoints(POINTS, seed=task.seed)
        return found


class Annealed(Technique):
    """Weights of the residual and of the normalisation by their gradients."""

    def callbacks(
        self, model: QuantumWellPINN, data: tf.data.Dataset
    ) -> Sequence[keras.callbacks.Callback]:
        return (techniques.AnnealedWeights(data),)


class Rayleigh(Technique):
    """The Rayleigh quotient: deep Ritz."""

    def loss(self, task: Task) -> Loss:
        return RayleighQuotient()


class Variance(Technique):
    """The residual with the Rayleigh quotient in the place of E."""

    def loss(self, task: Task) -> Loss:
        return VarianceLoss(NORMALISATION)


class LeastSquares(Technique):
    """Levenberg-Marquardt, which on residuals is natural gradient descent too."""

    def optimizer(self, task: Task) -> keras.optimizers.Optimizer:
        return LevenbergMarquardt()


class NaturalGradient(LeastSquares):
    """Natural gradient descent on the Rayleigh quotient."""

    def loss(self, task: Task) -> Loss:
        found: Loss = techniques.EnergySquares()
        return found


class LBFGS(Technique):
    """Curvature from the last twenty gradients."""

    def optimizer(self, task: Task) -> keras.optimizers.Optimizer:
        return techniques.LBFGS()


class SelfScaledBroyden(Technique):
    """Curvature from all gradients, scaled."""

    def optimizer(self, task: Task) -> keras.optimizers.Optimizer:
        return techniques.SelfScaledBroyden()


class OneLayer(Technique):
    """One layer of as many units as the baseline has in two."""

    def hidden(self, task: Task) -> keras.Layer:
        return layers([sum(UNITS)], task)


class Whole(Technique):
    """A recipe of `qwpinn.solve`, to its own end."""

    recipe: Recipe

    def solve(self, task: Task, clock: Clock) -> None:
        clock.start()
        watch = Watch(clock)
        found = solve(task.potential, 1, seed=task.seed, callbacks=[watch], recipe=self.recipe)
        finish(self.after(found.model), watch, clock)

    def after(self, model: QuantumWellPINN) -> QuantumWellPINN:
        """What becomes of the model that was found."""
        return model


class Precise(Whole):
    """Placed units, their Ritz states, then Levenberg-Marquardt to a tolerance."""

    recipe = recipes.Precise()


class Cold(Whole):
    """Natural gradient descent from random weights, then least squares."""

    recipe = techniques.Cold()


class Refined(Precise):
    """As `Precise`, and a second network on what the first one leaves."""

    def after(self, model: QuantumWellPINN) -> QuantumWellPINN:
        refined: QuantumWellPINN = techniques.refine(model)
        return refined
