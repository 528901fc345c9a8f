"""The registry: who is measured, under which addresses, and since when; read from a folder of YAML files."""

from thuocdo.core.portals.files import RegistryFiles, load_registry, read_registry
from thuocdo.core.portals.registry import Registry

__all__ = ["Registry", "RegistryFiles", "load_registry", "read_registry"]
