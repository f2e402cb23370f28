package account_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/feed"
	"github.com/gridweave/gridweave/realtime/follow"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// followed is a directory that follows the log of a district's database.
type followed struct {
	civictest.District
	t         *testing.T
	directory *account.Directory
	accounts  *account.Service
	feed      *feed.Feed
}

func newFollowed(t *testing.T) followed {
	t.Helper()
	d := civictest.New(t)
	f := followed{
		District: d, t: t, directory: account.NewDirectory(), accounts: account.NewService(d.DB, account.NewHasher(1)),
	}
	picture, err := live.New()
	if err != nil {
		t.Fatal(err)
	}
	f.feed = feed.New(feed.Config{
		URL: d.Admin.Config().ConnString(), Publication: "gridweave", Slot: fmt.Sprintf("directory_%d", time.Now().UnixNano()),
		Log: slog.New(slog.DiscardHandler), Metrics: feed.NewMetrics(prometheus.NewRegistry()),
	}, follow.New(picture, nil).Keep(f.directory))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.feed.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return f
}

// settle waits until the directory includes everything that is committed now.
func (f followed) settle() {
	f.t.Helper()
	want, err := f.Position(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	patience := time.After(30 * time.Second)
	for {
		if order, same := f.feed.Position().Compare(want); same && order >= 0 && f.feed.Following() {
			return
		}
		f.feed.Nudge()
		select {
		case <-tick.C:
		case <-patience:
			f.t.Fatalf("never reached %v", want)
		}
	}
}

func (f followed) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.AsAdmin(f.t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(f.t.Context(), sql, args...)
		return err
	}); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
}

// shown are the credentials that some callers hold, and one that nobody was given.
func shown() []account.Credential {
	all := []account.Credential{account.BearerCredential("unknown"), account.CookieCredential("unknown")}
	for n := range 12 {
		all = append(all, account.BearerCredential(secret(n)), account.CookieCredential(secret(n)))
	}
	return all
}

func secret(n int) string { return fmt.Sprint("secret ", n) }

// happen changes accounts, tokens and sessions at random.
func (f followed) happen(r *rand.Rand) {
	n := r.IntN(12)
	hash := sha256.Sum256([]byte(secret(n)))
	key := base64.RawURLEncoding.EncodeToString(hash[:])
	who := fmt.Sprint("who", r.IntN(6))
	until := []string{"infinity", "2999-01-01 00:00:00.5+08", "2001-01-01 00:00+00", "2999-01-01 00:00+00"}[r.IntN(4)]
	steps := []struct {
		sql  string
		args []any
	}{
		{`insert into account (name, role, code, password_hash) values ($1, 'leader', '440304', 'x') on conflict do nothing`, []any{who}},
		{`update account set role = 'auditor', code = $2 where name = $1`, []any{who, []string{"440304001", "440304"}[r.IntN(2)]}},
		{`update account set active = $2 where name = $1`, []any{who, r.IntN(2) == 0}},
		{`update account set password_hash = password_hash || 'x' where name = $1`, []any{who}},
		{`update account set id = id + 1000 where name = $1 and not exists (select from token where account_id = account.id)
			and not exists (select from session where account_id = account.id)`, []any{who}},
		{`insert into token (account_id, hash, expires_at) select id, $2, $3::timestamptz from account where name = $1 on conflict do nothing`, []any{who, hash[:], until}},
		{`update token set revoked_at = now() where hash = $1`, []any{hash[:]}},
		{`update token set expires_at = null, revoked_at = null where hash = $1`, []any{hash[:]}},
		{`delete from token where hash = $1`, []any{hash[:]}},
		{`insert into session (token, account_id, data, expires_at) select $2, id, '', $3::timestamptz from account where name = $1 on conflict do nothing`, []any{who, key, until}},
		{`update session set token = token || 'x' where token = $1`, []any{key}},
		{`delete from session where token = $1`, []any{key}},
		{`delete from account where name = $1`, []any{who}},
	}
	// What makes something comes more often than what ends it, so that there is something to end.
	s := steps[[]int{0, 0, 1, 2, 3, 4, 5, 5, 5, 6, 7, 7, 8, 9, 9, 9, 10, 11, 12}[r.IntN(19)]]
	f.exec(s.sql, s.args...)
}

// After random histories the directory answers what the database answers, for every credential.
func TestDirectoryAgreesWithTheDatabase(t *testing.T) {
	f := newFollowed(t)
	r := rand.New(rand.NewPCG(5, 1))
	valid := 0
	for round := range 30 {
		for range 15 {
			f.happen(r)
		}
		f.settle()
		for i, c := range shown() {
			want, err := f.accounts.ByCredential(t.Context(), c)
			got, verdict := f.directory.Standing(c, time.Now())
			if (err == nil) != (verdict == account.Valid) {
				t.Fatalf("round %d, credential %d: the database says %v, the directory %v", round, i, err, verdict)
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b account.Credential) bool { return a == b }), cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Fatalf("round %d, credential %d (-database +directory):\n%s", round, i, diff)
			}
			if verdict == account.Valid {
				valid++
			}
		}
	}
	if valid < 100 {
		t.Errorf("only %d credentials were ever valid: the history is too poor to tell", valid)
	}
}

// notices collects what a watcher hears.
type notices struct {
	mu   sync.Mutex
	seen []account.Notice
}

func (n *notices) take() []account.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	seen := n.seen
	n.seen = nil
	return seen
}

// A watcher hears of what concerns rights, once for each transaction, and of nothing else.
func TestWatch(t *testing.T) {
	f := newFollowed(t)
	duty := f.Actor("duty", account.DutyOfficer, civictest.Root)
	street := f.Actor("street", account.Dispatcher, civictest.StreetA)
	f.settle()
	var heard notices
	stop := f.directory.Watch(func(n account.Notice) {
		if a, ok := f.directory.Actor(duty.ID); ok && a.Scope == civictest.Root && len(n.Accounts) == 2 {
			t.Error("told before lookups answer so")
		}
		heard.mu.Lock()
		defer heard.mu.Unlock()
		heard.seen = append(heard.seen, n)
	})
	for _, c := range []struct {
		sql  string
		args []any
		want []account.Notice
	}{
		{`update account set code = '440304002'`, nil, []account.Notice{{Accounts: []int64{duty.ID, street.ID}}}},
		{`update account set display_zh = '值班'`, nil, nil},
		{`insert into token (account_id, hash) values ($1, $2)`, []any{street.ID, make([]byte, 32)}, []account.Notice{{Accounts: []int64{street.ID}}}},
		{`update token set revoked_at = now()`, nil, []account.Notice{{Accounts: []int64{street.ID}}}},
		{`insert into session (token, account_id, data, expires_at) values (repeat('A', 43), $1, '', now() + '1 hour')`, []any{duty.ID}, []account.Notice{{Accounts: []int64{duty.ID}}}},
		{`update account set password_hash = 'other' where id = $1`, []any{duty.ID}, []account.Notice{{Accounts: []int64{duty.ID}}}},
		{`truncate session`, nil, []account.Notice{{All: true}}},
	} {
		f.exec(c.sql, c.args...)
		f.settle()
		if diff := cmp.Diff(c.want, heard.take()); diff != "" {
			t.Errorf("%s (-want +heard):\n%s", c.sql, diff)
		}
	}
	stop()
	f.exec(`update account set code = '440304'`)
	f.settle()
	if seen := heard.take(); seen != nil {
		t.Errorf("heard %v after the watch ended", seen)
	}
}
