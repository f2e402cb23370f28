package account

import (
	"context"
	"errors"
	"time"

	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Authority decides what a credential stands for: from memory, and from the database where memory cannot know, which
// is when the log has not told of the credential yet (somebody signed in a millisecond ago) or is not being followed.
// It is safe for concurrent use.
type Authority struct {
	directory *Directory
	accounts  *Service
	following func() bool
	now       func() time.Time
}

// NewAuthority answers from directory while following says that the log is followed.
func NewAuthority(d *Directory, accounts *Service, following func() bool) *Authority {
	return &Authority{directory: d, accounts: accounts, following: following, now: time.Now}
}

// askTimeout bounds the question to a database that may be away: behind it a map waits to be drawn.
const askTimeout = 2 * time.Second

// Check tells what a credential stands for now, or refuses it (fault.KindUnauthenticated).
//
// While the log is not followed the database is asked each time, so that a right that was taken away meanwhile is
// gone; where it does not answer either, what was known last counts, as it does for everything that is shown then.
func (a *Authority) Check(ctx context.Context, c Credential) (Standing, error) {
	if c.IsZero() {
		return Standing{}, c.refused()
	}
	known, verdict := a.directory.Standing(c, a.now())
	if a.following() {
		switch verdict {
		case Valid:
			return known, nil
		case Ended:
			return Standing{}, c.refused()
		case Unknown:
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	asked, err := a.accounts.ByCredential(ctx, c)
	if _, refused := errors.AsType[*fault.Error](err); err == nil || refused {
		return asked, err
	}
	switch verdict {
	case Valid:
		return known, nil
	case Ended:
		return Standing{}, c.refused()
	default:
		return Standing{}, fault.Unavailable("the database does not answer; try again in a moment", err)
	}
}

// Remembers tells whether the log has told of a credential, whatever it is worth now: Check of any other asks the
// database.
func (a *Authority) Remembers(c Credential) bool {
	_, verdict := a.directory.Standing(c, a.now())
	return verdict != Unknown
}

// Watch tells whose rights may have changed; see Directory.Watch.
func (a *Authority) Watch(notify func(Notice)) (stop func()) { return a.directory.Watch(notify) }
