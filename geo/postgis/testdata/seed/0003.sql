insert into department (code, name_zh, name_en) values ('seed_department', '种子局', 'Seed bureau');
insert into account (name, role, code, department, password_hash)
values ('seed.worker', 'grid_worker', '44030400100101', null, 'x'),
       ('seed.verifier', 'verifier', '440304001', null, 'x'),
       ('seed.department', 'department', '440304', 'seed_department', 'x');
insert into token (account_id, hash) select id, sha256(name::bytea) from account;
insert into session (token, account_id, data, expires_at) select 'seed' || id, id, '', now() + interval '1 hour' from account;

insert into incident_class (code, name_zh, name_en) values ('99', '种子类', 'Seed class');
insert into incident_type (code, class, name_zh, name_en, department, severity,
                           accept_minutes, assign_minutes, respond_minutes, finish_minutes, verify_minutes)
values ('9901', '99', '种子', 'Seed', 'seed_department', 3, 30, 30, 60, 1440, 1440);
insert into incident (code, building_id, geom, type, source, reporter_id, due_at)
select b.code, b.id, st_pointonsurface(b.geom), '9901', 'grid_worker', a.id, now() + interval '30 minutes'
from building b, account a where b.code = '4403040010010100001' and a.name = 'seed.worker';

insert into declaration (code, source, id_sealed, id_hash, name_sealed, moved_in_on, due_at)
values ('4403040010010100001000101', 'qr', '\x01', '\x02', '\x03', '2024-03-01', now() + interval '1 day');
insert into task (kind, code, incident_id, assignee_id)
select 'handle', i.code, i.id, a.id from incident i, account a where a.name = 'seed.worker';
insert into evidence (actor, role, code, noun, subject, action, after)
select 'seed.worker', 'grid_worker', code, 'incident', id::text, 'report', '{"status": "reported"}' from incident;
