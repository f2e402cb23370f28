-- What happened between two times, and figures of the last two days: by time, wherever it happened.

-- +goose Up
create index evidence_time_idx on evidence (at, id) include (code, noun, action);
create index grade_event_time_idx on grade_event (at, id);
create index incident_closed_idx on incident (closed_at) include (code, finish_by) where closed_at is not null;
