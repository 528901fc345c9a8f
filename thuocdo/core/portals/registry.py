"""The registry as it was valid on one day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from thuocdo.core.errors import UnknownTargetError
from thuocdo.core.model import Agency, Block, Portal, Procedure, Target
from thuocdo.core.yamlfile import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """
    Agencies, portals, procedures and targets by id, in the order of the files.

    digest: SHA-256 of the files it was read from, so that a round can name what it measured.
    """

    agencies: Mapping[str, Agency]
    portals: Mapping[str, Portal]
    procedures: Mapping[str, Procedure]
    targets: Mapping[str, Target]
    digest: str

    def target(self, target_id: str) -> Target:
        """
        Return a target by its id.

        Raises:
            UnknownTargetError: no such target; the message names the nearest.
        """
        try:
            return self.targets[target_id]
        except KeyError:
            hint = nearest(target_id, self.targets) or "; `thuocdo portals list` shows what is registered"
            raise UnknownTargetError(f"target '{target_id}' is not in the registry{hint}") from None

    def probed_targets(self) -> tuple[Target, ...]:
        """Return the targets that may be probed: their address is known well enough, or a person confirmed it."""
        return tuple(target for target in self.targets.values() if target.probed)

    def called(self, target: Target, language: str) -> str:
        """Return what people call a target: its portal's name, else its agency's, and the procedure of an eForm."""
        portal, agency = self.portals.get(target.portal_id), self.agencies.get(target.agency_id)
        is_vi = language == "vi"
        own = (portal.name_vi if is_vi else portal.name_en) if portal else ""
        name = own or (agency.full_name(language) if agency else target.id)
        form = self.procedure_called(target, language)
        return f"{name}: {form}" if form else name

    def procedure_called(self, target: Target, language: str) -> str:
        """Return what people call the procedure of an eForm; of any other target nothing."""
        if target.procedure_code is None:
            return ""
        procedure = self.procedures.get(target.procedure_code)
        return (procedure.name_vi if language == "vi" else procedure.name_en) if procedure else target.procedure_code

    def of_blocks(self, blocks: Collection[Block]) -> "Registry":
        """Return the agencies of some blocks with their targets; portals and procedures are all there, to be looked up."""
        return replace(
            self,
            agencies={agency.id: agency for agency in self.agencies.values() if agency.block in blocks},
            targets={target.id: target for target in self.targets.values() if target.block in blocks},
        )

    def communes_of(self, province_id: str) -> tuple[Agency, ...]:
        """Return the communes of a province, in the order of the files."""
        return tuple(agency for agency in self.agencies.values() if agency.parent_id == province_id)

    def ranked_targets(self) -> Mapping[str, Target]:
        """Return the targets that count for a rank, by id: not those of a portal that another one in force has replaced."""
        replaced = {portal.id for portal in self.portals.values() if portal.successor_id in self.portals}
        return {target.id: target for target in self.targets.values() if target.portal_id not in replaced}
