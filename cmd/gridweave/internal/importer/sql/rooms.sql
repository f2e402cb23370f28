-- One batch of rooms: check, compare, write, count. {seen} lists the codes of the file so far.

-- step: check
update stage_room s
set reason = 'building ' || left(s.code, 19) || ' is not known: import it first'
where reason is null and not exists (select from building b where b.code = left(s.code, 19));

update stage_room s
set reason = 'the code has ended (' || e.kind || ') and is never used again'
from code_event e
where s.reason is null and e.code = s.code and e.kind <> 'minted';

update stage_room s
set reason = 'the room is new and the file does not say on which floor: name its property with --map floor=PROPERTY'
where reason is null and floor is null and not exists (select from room r where r.code = s.code);

insert into {seen} (code, row)
select code, min(row) from stage_room where reason is null group by code
on conflict do nothing;

update stage_room s
set reason = 'the code stands in row ' || e.row || ' already'
from {seen} e
where s.reason is null and e.code = s.code and e.row <> s.row;

-- step: change
update room r
set floor = coalesce(s.floor, r.floor),
    unit = coalesce(s.unit, r.unit),
    use = coalesce(s.use, r.use),
    capacity = coalesce(s.capacity, r.capacity)
from stage_room s
where r.code = s.code and s.reason is null
  and (s.floor <> r.floor or s.unit <> r.unit or s.use <> r.use or s.capacity <> r.capacity);

-- step: add
insert into room (code, floor, unit, use, capacity)
select code, floor, coalesce(unit, ''), coalesce(use, 'unknown'), coalesce(capacity, 0)
from stage_room s
where reason is null and not exists (select from room r where r.code = s.code);

-- step: count
update building_state b
set rooms = c.rooms, rental_rooms = c.rental, updated_at = now()
from (
  select t.code, count(*) as rooms,
         count(*) filter (where r.use in ('whole_let', 'shared_let', 'dormitory', 'daily_let')) as rental
  from (select distinct left(code, 19) collate "C" as code from stage_room where reason is null) t
  join room r on r.code >= t.code and r.code < t.code || ':'
  group by t.code
) c
where b.code = c.code and (b.rooms, b.rental_rooms) is distinct from (c.rooms, c.rental);
