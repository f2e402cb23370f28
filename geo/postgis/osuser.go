package postgis

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// osUser is the user of the operating system as whom PostgreSQL runs.
type osUser struct {
	name     string
	uid, gid uint32
	drop     bool // we are root and step down to this user for PostgreSQL, which refuses root
}

// clusterUser chooses that user: ourselves, or, since PostgreSQL refuses root, whoever owns the cluster's files, else
// postgres, else nobody.
func clusterUser(cluster string) (osUser, error) {
	if os.Geteuid() != 0 {
		return currentUser()
	}
	if info, err := os.Stat(cluster); err == nil {
		if owner := ownerOf(info); owner != 0 {
			return userByID(owner)
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return asOSUser(u, true)
		}
	}
	return osUser{}, fmt.Errorf("user find: PostgreSQL does not run as root, and there is no user postgres or nobody to step down to")
}

func currentUser() (osUser, error) {
	u, err := user.Current()
	if err != nil {
		return osUser{}, fmt.Errorf("user find: user id %d has no name, without which PostgreSQL cannot run: %w", os.Geteuid(), err)
	}
	return asOSUser(u, false)
}

func userByID(uid uint32) (osUser, error) {
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return osUser{}, fmt.Errorf("user find: the owner of the cluster's files has no name: %w", err)
	}
	return asOSUser(u, true)
}

func asOSUser(u *user.User, drop bool) (osUser, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return osUser{}, fmt.Errorf("user read: id %q: %w", u.Uid, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return osUser{}, fmt.Errorf("user read: group %q: %w", u.Gid, err)
	}
	return osUser{name: u.Username, uid: uint32(uid), gid: uint32(gid), drop: drop}, nil
}

// attributes of a child: a session of its own, so that neither Ctrl-C at our terminal nor its closing reaches
// PostgreSQL before we have drained, and the lesser user.
func (u osUser) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if u.drop {
		attr.Credential = &syscall.Credential{Uid: u.uid, Gid: u.gid}
	}
	return attr
}

// own hands a file to the user where it is not ourselves.
func (u osUser) own(path string) error {
	if !u.drop {
		return nil
	}
	return os.Lchown(path, int(u.uid), int(u.gid))
}

// requireTraversable says which folder on the way to dir the user may not pass through.
func (u osUser) requireTraversable(dir string) error {
	if !u.drop {
		return nil
	}
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("data folder check: %w", err)
		}
		if !u.mayPass(info) {
			return fmt.Errorf("data folder check: PostgreSQL runs as user %s, who cannot pass through %s: "+
				"`chmod o+x %s`, or choose another --data", u.name, at, at)
		}
		if at == "/" {
			return nil
		}
	}
}

func (u osUser) mayPass(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	switch {
	case stat.Uid == u.uid:
		return info.Mode().Perm()&0o100 != 0
	case stat.Gid == u.gid:
		return info.Mode().Perm()&0o010 != 0
	}
	return info.Mode().Perm()&0o001 != 0
}

func ownerOf(info fs.FileInfo) uint32 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Uid
	}
	return 0
}
