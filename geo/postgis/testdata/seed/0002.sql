insert into area (code, name_zh, name_en, residents, residents_on, geom)
select code, '种子', 'Seed', 1000, '2020-11-01', st_multi(st_makeenvelope(114.0, 22.5, 114.1, 22.6, 4326))
from unnest(array['4403', '440304', '440304001', '440304001001', '44030400100101']) code;

insert into area_change (actor, reason) values ('surveyor', 'seed');
insert into area_version (code, version, name_zh, name_en, valid_from, valid_to, ended_by, geom)
select code, 1, name_zh, name_en, '2020-01-01', '2021-01-01', (select min(id) from area_change), geom
from area where code = '440304001';

insert into crosswalk (system, foreign_code, code, name_zh) values ('statistics', '440304001', '440304001', '种子');

insert into building (code, name_zh, levels, height_m, geom)
values ('4403040010010100001', '种子楼', 7, 21, st_multi(st_makeenvelope(114.05, 22.55, 114.0502, 22.5502, 4326))),
       ('4403040010010100002', '', null, null, st_multi(st_makeenvelope(114.06, 22.55, 114.0602, 22.5502, 4326)));
insert into building_state (building_id, code, use, grade, grade_score, rooms, rental_rooms)
select id, code, 'shared_let', 'orange', 61, 2, 1 from building;
insert into grade_event (building_id, code, old_grade, new_grade, score, actor)
select id, code, 'grey', 'orange', 61, 'worker' from building;

insert into room (code, floor, unit, use, capacity)
values ('4403040010010100001000101', 1, '101', 'whole_let', 4), ('4403040010010100001000201', 2, '201', 'vacant', 4);
insert into code_event (kind, code, successors, actor)
values ('minted', '4403040010010100001', '{}', 'surveyor'),
       ('renumbered', '4403040010010199999', '{4403040010010100002}', 'surveyor');
insert into base_feature (kind, class, geom) values ('water', 'bay', st_makeenvelope(113.9, 22.4, 114.0, 22.5, 4326));
