insert into setting (key, value) values ('seeded', '{"by": "a test"}');
