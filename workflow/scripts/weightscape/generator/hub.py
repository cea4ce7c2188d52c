"""diffusers pipelines from a directory or the hub: their settings, and how they are loaded.

What stands in the way is said in one line: before any job starts where it can be told then, else as the job starts.
"""

import importlib.util
import logging
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from weightscape.generator.generator import Batch, Generator, Task
from weightscape.section import DISTINCT, Count, Range

log = logging.getLogger(__name__)

Text = Annotated[str, Field(min_length=1)]
ON_CPU = ("float32", "bfloat16")


class HubPipeline(Generator):
    """A diffusers pipeline that is loaded as it is."""

    auto: ClassVar[str] = "DiffusionPipeline"
    """Name of the class of diffusers that loads it."""

    model: Text
    """hub name (`owner/name`) or directory that `save_pretrained` wrote"""
    revision: Text | None = None
    """the hub's commit, branch or tag"""
    sampling_steps: Count = 20
    """denoising steps per image"""
    sampling_batch_size: Count = 8
    """images per batch; changing it may change the last bits of an image"""
    size: Annotated[int, Range(8, 4096, integer=True)] | None = None
    """side in pixels of the images that it makes, which are scaled to the study's; the pipeline's own if left out"""
    scheduler: Text | None = None
    """a scheduler of diffusers, such as `DPMSolverMultistepScheduler`; the pipeline's own if left out"""
    precision: Literal["float32", "float16", "bfloat16"] = "float32"
    """number format of the pipeline; `float16` on a GPU only"""
    save_memory: Annotated[list[Literal["attention_slicing", "cpu_offload", "vae_slicing", "vae_tiling"]], DISTINCT] = (
        Field(default_factory=list)
    )
    """ways to need less memory, at the cost of time; `cpu_offload` with a GPU only"""
    lora: Text | None = None
    """LoRA weights that are merged into the pipeline: a hub name, a directory or a `.safetensors` file"""
    lora_scale: Annotated[float, Range(0, 10, low_open=True)] = 1.0
    """what the LoRA weights are multiplied by"""

    @property
    def images_at_once(self) -> int:
        """How many images are drawn at once."""
        return self.sampling_batch_size

    @property
    def folders(self) -> Sequence[str]:
        """The pipeline and the LoRA weights, where they are local."""
        return [path for path in (self.model, self.lora) if path is not None]

    def problem(self, task: Task) -> str | None:
        """Return which of the settings cannot work, None if all may."""
        return (
            self._missing_model(task.key)
            or self._missing_lora(task.key)
            or _unknown_scheduler(task.key, self.scheduler)
            or self._needs_gpu(task.key, task.device)
        )

    def pipeline(self, task: Task, asked_by: Sequence[str]) -> Any:
        """Load the pipeline.

        Parameters
        ----------
        task
            What the study asks.
        asked_by
            Arguments that the pipeline is to be called with.

        Raises
        ------
        ValueError
            If the pipeline cannot be asked in this way, or the scheduler does not fit it.
        ImportError
            If a package is missing.
        OSError
            If the model is neither here nor on the hub.
        """
        import diffusers
        import torch

        key = task.key
        for package in self.packages_needed():
            if importlib.util.find_spec(package) is None:
                raise ImportError(f"{key}.kind = {self.kind!r} needs the package {package}, which is not installed")
        _silence_progress()
        auto = getattr(diffusers, self.auto)
        found = _download(key, self.model, self.revision)
        options = {"dtype": getattr(torch, self.precision), "low_cpu_mem_usage": False, "local_files_only": True}
        try:
            pipeline = auto.from_pretrained(found, **options)
        except ValueError as error:
            raise ValueError(
                f"{key}.model = {self.model!r}: {self.auto} cannot load it ({_first_line(error)})"
            ) from error
        pipeline.set_progress_bar_config(disable=True)
        lacking = [name for name in asked_by if name not in _arguments(pipeline)]
        if lacking:
            raise ValueError(f"{key}.model = {self.model!r}: {type(pipeline).__name__} takes no {lacking[0]}")
        if getattr(pipeline, "safety_checker", None) is not None:
            log.info("the pipeline's safety checker is off: it replaces images with black ones")
            pipeline.safety_checker = None
        if self.scheduler is not None:
            pipeline.scheduler = _replaced_scheduler(key, pipeline.scheduler, self.scheduler)
        if self.lora is not None:
            _merge_lora(key, pipeline, self.lora, self.lora_scale)
        return self._placed(key, pipeline, task.device)

    def ask(self, pipeline: Any, batch: Batch, **arguments: Any) -> np.ndarray:
        """Return the images that the pipeline makes of a batch: float32 in [0, 1], shape (n, H, W, 3)."""
        return pipeline(
            guidance_scale=batch.pool.guidance_scale,
            generator=list(batch.generators),
            num_inference_steps=self.sampling_steps,
            output_type="np",
            **arguments,
        ).images

    def packages_needed(self) -> list[str]:
        """Return the packages that these settings need beside those of the workflow."""
        more = {"peft": self.lora is not None, "accelerate": "cpu_offload" in self.save_memory}
        return [package for package, needed in more.items() if needed]

    def _placed(self, key: str, pipeline: Any, device: str) -> Any:
        for option in self.save_memory:
            if option == "attention_slicing":
                pipeline.enable_attention_slicing()
            elif option != "cpu_offload":
                vae, method = getattr(pipeline, "vae", None), f"enable_{option.removeprefix('vae_')}"
                if not hasattr(vae, method):
                    raise ValueError(f"{key}.save_memory: {type(pipeline).__name__} has no {option}")
                getattr(vae, method)()
        if "cpu_offload" in self.save_memory:
            pipeline.enable_model_cpu_offload(device=device)
            return pipeline
        return pipeline.to(device)

    def _missing_model(self, key: str) -> str | None:
        path, here = Path(self.model), f"{key}.model = {self.model[:60]!r}"
        if path.is_dir():
            if (path / "model_index.json").is_file():
                return None
            return f"{here}; allowed: a directory with model_index.json, as save_pretrained writes"
        if _looks_local(self.model):
            return f"{here}: no such directory"
        if _is_offline() and not _cached(self.model):
            return f"{here}: {OFFLINE}"
        return None

    def _missing_lora(self, key: str) -> str | None:
        if self.lora is None or Path(self.lora).exists():
            return None
        here = f"{key}.lora = {self.lora[:60]!r}"
        if _looks_local(self.lora):
            return f"{here}: no such file or directory"
        return f"{here}: {OFFLINE}" if _is_offline() and not _cached(self.lora) else None

    def _needs_gpu(self, key: str, device: str) -> str | None:
        if device == "cpu" and self.precision not in ON_CPU:
            return f"{key}.precision = {self.precision!r}: with training.device = cpu allowed: {', '.join(ON_CPU)}"
        if device == "cpu" and "cpu_offload" in self.save_memory:
            return f"{key}.save_memory holds 'cpu_offload': allowed with training.device = cuda only"
        return None


OFFLINE = "is not in the hub's cache, and HF_HUB_OFFLINE is set; download it first, or name a directory"


def _looks_local(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or name.endswith(".safetensors")


def _is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def _cached(name: str) -> bool:
    """Return whether the hub's cache has a model; where it is follows huggingface_hub's environment variables."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    cache_folder = os.environ.get("HF_HUB_CACHE") or Path(home, "hub")
    return Path(cache_folder, f"models--{name.replace('/', '--')}").expanduser().is_dir()


def _download(key: str, model: str, revision: str | None) -> str:
    """Return a directory with the pipeline; what the hub's cache has is not asked of the hub.

    The hub is first asked for the model's description, in one request: a download tries again for minutes.
    """
    from diffusers import DiffusionPipeline
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if Path(model).is_dir():
        return model
    here = f"{key}.model = {model!r}"
    try:
        return DiffusionPipeline.download(model, revision=revision, local_files_only=True)
    except (OSError, ValueError, LocalEntryNotFoundError):
        log.info("%s is not in the hub's cache", model)
    if _is_offline():
        raise OSError(f"{here}: {OFFLINE}")
    try:
        HfApi().model_info(model, revision=revision, timeout=10)
    except HfHubHTTPError as error:
        raise OSError(f"{here}: the hub has no such model that you may read ({_first_line(error)})") from None
    except Exception as error:  # whatever the hub's client raises where there is no network
        raise OSError(f"{here}: not in the hub's cache, and the hub cannot be reached ({_first_line(error)})") from None
    return DiffusionPipeline.download(model, revision=revision)


def _silence_progress() -> None:
    if importlib.util.find_spec("transformers") is not None:
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _arguments(pipeline: Any) -> Any:
    import inspect

    return inspect.signature(pipeline.__call__).parameters


@cache
def _schedulers() -> frozenset[str]:
    """Return the names of diffusers' schedulers, read from its source: importing it would take seconds of planning."""
    spec = importlib.util.find_spec("diffusers")
    if spec is None or spec.origin is None:
        return frozenset()
    source = (Path(spec.origin).parent / "schedulers" / "__init__.py").read_text(encoding="utf-8")
    return frozenset(re.findall(r'"(\w+Scheduler)"', source))


def _unknown_scheduler(key: str, name: str | None) -> str | None:
    known = _schedulers()
    if name is None or not known or name in known:
        return None
    return f"{key}.scheduler = {name[:60]!r}; allowed: a scheduler of diffusers, such as DPMSolverMultistepScheduler"


def _replaced_scheduler(key: str, scheduler: Any, name: str) -> Any:
    import diffusers

    fitting = sorted({cls.__name__ for cls in scheduler.compatibles})
    if name not in fitting:
        raise ValueError(f"{key}.scheduler = {name!r} does not fit the pipeline; allowed: {', '.join(fitting)}")
    return getattr(diffusers, name).from_config(scheduler.config)


def _merge_lora(key: str, pipeline: Any, lora: str, scale: float) -> None:
    if not hasattr(pipeline, "load_lora_weights"):
        raise ValueError(f"{key}.lora: {type(pipeline).__name__} takes no LoRA weights")
    path = Path(lora)
    if path.is_file():
        pipeline.load_lora_weights(str(path.parent), weight_name=path.name, local_files_only=True)
    else:
        pipeline.load_lora_weights(lora)
    pipeline.fuse_lora(lora_scale=scale)
    pipeline.unload_lora_weights()
