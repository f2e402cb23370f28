-- Makes the staged outlines storable. {stage} is the staging table.

-- step: transform
update {stage} s
set geom = t.geom, reason = case when t.geom is null then 'the outline cannot be converted from the coordinate system given' end
from (select row, importing.transformed(geom) as geom from {stage} where geom is not null) t
where t.row = s.row;

-- step: repair
update {stage} s
set geom = m.geom, repaired = m.geom is not null,
    reason = case when m.geom is null then 'the outline is broken beyond repair: it encloses no area' end
from (select row, importing.mended(geom) as geom from {stage} where not st_isvalid(geom)) m
where m.row = s.row;
