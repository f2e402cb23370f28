// The card of what is selected, and the form of a report: whatever lies beside the map for a while.
import { AreaCard } from './AreaCard';
import { BuildingCard } from './BuildingCard';
import { DeclarationCard } from './DeclarationCard';
import { IncidentCard } from './IncidentCard';
import { ReportForm } from './ReportForm';
import { picking, reporting, selected } from './state';

export function Cards() {
  if (reporting.value) return picking.value ? null : <ReportForm />;
  const s = selected.value;
  switch (s?.kind) {
    case 'building':
      return <BuildingCard reference={s.ref} key={s.ref} />;
    case 'area':
      return <AreaCard code={s.code} key={s.code} />;
    case 'incident':
      return <IncidentCard id={s.id} key={s.id} />;
    case 'declaration':
      return <DeclarationCard id={s.id} key={s.id} />;
  }
  return null;
}
