"""From a policy of whatever kind to a function from an observation to an action."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from sweep.base.signature import signature
from sweep.base.text import paint
from sweep.runtime.outputs.console import say
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.from_snapshots import HOW

Act = Callable[[Any], Any]


def action_function(policy: Any, deterministic: bool = False) -> Act:
    """Return a function that asks a policy for an action.

    Args:
        policy: has `act(observation)`; a torch module gets a float32 tensor, and answers without gradients. Anything
            else that can be called is called with the observation.
        deterministic: pass ``deterministic=True``, if the policy takes it.

    Raises:
        PolicyError: it cannot be asked.
    """
    is_module = _is_module(policy)
    act = getattr(policy, "act", None)
    if act is None and callable(policy) and not is_module:
        act = policy
    if not callable(act):
        raise PolicyError(f"the policy ({type(policy).__name__}) has no method act(observation). {HOW}")
    asked = _asked(act, deterministic)
    return _of_module(policy, asked) if is_module else asked


def _asked(act: Act, deterministic: bool) -> Act:
    if not deterministic:
        return act
    if signature(act).asks_for("deterministic"):
        return lambda observation: act(observation, deterministic=True)  # type: ignore[call-arg]
    say(paint("the policy knows no deterministic=True; it acts as it always does", "yellow"))
    return act


def _is_module(policy: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(policy, torch.nn.Module)


def _of_module(module: Any, act: Act) -> Act:
    torch = sys.modules["torch"]
    module.eval()  # dropout and the like are for training
    device = next((one.device for one in module.parameters()), None)

    def tensors(observation: Any) -> Any:
        if isinstance(observation, Mapping):
            return {key: tensors(one) for key, one in observation.items()}
        return torch.as_tensor(observation, dtype=torch.float32, device=device)

    def asked(observation: Any) -> Any:
        with torch.no_grad():
            action = act(tensors(observation))
        return action.cpu().numpy() if isinstance(action, torch.Tensor) else action

    return asked
