package account

import (
	"slices"
	"sync"
	"time"

	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/realtime/rows"
)

// Directory knows every account, bearer token and session as the database's log tells them, so that no check of
// rights asks the database. It holds no secret: the log carries neither passwords nor what a session contains, and
// of tokens and cookies their hashes.
//
// It is a rows.Keeper. Every method may be called from any goroutine.
type Directory struct {
	mu       sync.RWMutex
	accounts map[int64]entry
	grants   map[Credential]grant
	// tokens finds a bearer token by the key of its row, which alone the log names when the row goes.
	tokens map[string]Credential

	watchMu  sync.Mutex
	watchers map[*watcher]struct{}
}

// entry is an account as the log tells it.
type entry struct {
	Actor
	active bool
}

// grant is what a token or a session gives.
type grant struct {
	account int64
	until   time.Time // zero means never
	revoked bool
}

type watcher struct{ notify func(Notice) }

// Notice says whose rights or credentials may have changed.
type Notice struct {
	All      bool    // everybody's: the directory was loaded anew
	Accounts []int64 // otherwise these, in order
}

// NewDirectory makes an empty one.
func NewDirectory() *Directory {
	return &Directory{
		accounts: map[int64]entry{}, grants: map[Credential]grant{}, tokens: map[string]Credential{},
		watchers: map[*watcher]struct{}{},
	}
}

// Verdict is what the directory knows of a credential.
type Verdict int

// The verdicts. Unknown may be newer than what the log has told so far; Ended is certain.
const (
	Unknown Verdict = iota
	Ended
	Valid
)

// Standing tells what a credential stands for at a time; the Standing is zero unless the Verdict is Valid.
func (d *Directory) Standing(c Credential, now time.Time) (Standing, Verdict) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	g, known := d.grants[c]
	if !known {
		return Standing{}, Unknown
	}
	if g.revoked || !g.until.IsZero() && !now.Before(g.until) {
		return Standing{}, Ended
	}
	a, known := d.accounts[g.account]
	if !known || !a.active {
		return Standing{}, Ended
	}
	return Standing{Actor: a.Actor, Credential: c, Until: g.until}, Valid
}

// Actor gives an active account at work.
func (d *Directory) Actor(id int64) (Actor, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.accounts[id]
	if !ok || !a.active {
		return Actor{}, false
	}
	return a.Actor, true
}

// Watch has notify called whenever a role, an area, an account's end, a token or a session changed, after lookups
// answer so: whoever holds a connection asks Standing again for each connection of the accounts that are named. It is
// called from the feed's goroutine and must not block. A credential that ends by its own time brings no notice: that
// is Standing.Until. The function that is returned ends the watch.
func (d *Directory) Watch(notify func(Notice)) (stop func()) {
	w := &watcher{notify}
	d.watchMu.Lock()
	defer d.watchMu.Unlock()
	d.watchers[w] = struct{}{}
	return func() {
		d.watchMu.Lock()
		defer d.watchMu.Unlock()
		delete(d.watchers, w)
	}
}

func (d *Directory) tell(n Notice) {
	d.watchMu.Lock()
	watchers := make([]*watcher, 0, len(d.watchers))
	for w := range d.watchers {
		watchers = append(watchers, w)
	}
	d.watchMu.Unlock()
	for _, w := range watchers {
		w.notify(n)
	}
}

// Replace implements rows.Keeper.
func (d *Directory) Replace(_ position.Position, all []rows.Change) error {
	fresh := NewDirectory()
	for _, c := range all {
		if _, err := fresh.change(c); err != nil {
			return err
		}
	}
	d.mu.Lock()
	d.accounts, d.grants, d.tokens = fresh.accounts, fresh.grants, fresh.tokens
	d.mu.Unlock()
	d.tell(Notice{All: true})
	return nil
}

// Apply implements rows.Keeper.
func (d *Directory) Apply(_ position.Position, changes []rows.Change) error {
	touched, err := d.apply(changes)
	if err != nil {
		return err
	}
	slices.Sort(touched)
	if touched = slices.Compact(touched); len(touched) > 0 {
		d.tell(Notice{Accounts: touched})
	}
	return nil
}

func (d *Directory) apply(changes []rows.Change) (touched []int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range changes {
		ids, err := d.change(c)
		if err != nil {
			return nil, err
		}
		touched = append(touched, ids...)
	}
	return touched, nil
}
