-- What the connected database offers of what Gridweave needs, as seen by its user.
-- Columns: one row of facts, in the order of the type facts in check.go.
select
  current_setting('server_version_num')::int / 10000                                as major,
  current_user::text                                                                as me,
  current_database()::text                                                          as database,
  pg_is_in_recovery()                                                               as standby,
  (select pg_encoding_to_char(encoding) from pg_database
    where datname = current_database())                                             as encoding,
  (select datctype from pg_database where datname = current_database())             as ctype,
  coalesce((select extversion from pg_extension where extname = 'postgis'), '')     as postgis,
  coalesce((select default_version from pg_available_extensions
    where name = 'postgis'), '')                                                    as postgis_offered,
  exists (select from pg_extension where extname = 'pg_trgm')                       as trgm,
  exists (select from pg_available_extensions where name = 'pg_trgm')               as trgm_offered,
  current_setting('wal_level')                                                      as wal_level,
  current_setting('max_replication_slots')::int                                     as slots,
  (select count(*) from pg_replication_slots)::int                                  as slots_used,
  (select count(*) from pg_replication_slots
    where slot_name like 'gridweave%' and database = current_database())::int       as slots_ours,
  current_setting('max_wal_senders')::int                                           as senders,
  (select count(*) from pg_stat_replication)::int                                   as senders_used,
  r.rolsuper                                                                        as super,
  r.rolreplication                                                                  as replication,
  r.rolcreaterole                                                                   as createrole,
  a.rolname is not null                                                             as app_exists,
  coalesce(pg_has_role(current_user, a.oid, 'member'), false)                       as app_granted,
  coalesce(a.rolsuper or a.rolbypassrls, false)                                     as app_unbound,
  has_database_privilege(current_database(), 'create')                              as create_in_database,
  has_schema_privilege('public', 'create')                                          as create_in_public
from pg_roles r
left join pg_roles a on a.rolname = 'gridweave_app'
where r.rolname = current_user
