// Package roster owns the demo's accounts: one or more for every role, with passwords that are random for each data
// folder and kept beside its keys, so that a restart prints the same ones. It never makes an account in a district
// that is not the demo's.
//
// Functions are for one goroutine at a time.
package roster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Member is one demo account with its password in clear.
type Member struct {
	ID         int64        `json:"-"`
	Name       string       `json:"account"`
	Password   string       `json:"password"`
	Role       account.Role `json:"role"`
	Code       geo.Code     `json:"area"`
	Department string       `json:"department,omitempty"`
	DisplayZh  string       `json:"display_zh"`
	DisplayEn  string       `json:"display_en"`
}

// Actor is the member at work.
func (m Member) Actor() account.Actor {
	return account.Actor{ID: m.ID, Name: m.Name, Role: m.Role, Scope: m.Code, Department: m.Department}
}

// fileName lies in the folder of keys, readable by the server's user alone.
const fileName = "demo-accounts.json"

// Posts are the places and the departments whose posts get an account.
type Posts struct {
	Root, Street, Community, Grid geo.Code
	Departments                   []Department
}

// Department (部门) is one that handles incidents.
type Department struct{ Code, NameZh, NameEn string }

// Ensure makes the demo's accounts where they are missing and returns all of them with their passwords, which keysDir
// keeps. A folder of an earlier version gets those that have been added since.
func Ensure(ctx context.Context, s *account.Service, keysDir string, p Posts) ([]Member, error) {
	path := filepath.Join(keysDir, fileName)
	members, err := read(path)
	if err != nil {
		return nil, err
	}
	if members, err = appoint(ctx, s, path, p, members); err != nil {
		return nil, err
	}
	for i := range members {
		a, err := s.ByName(ctx, members[i].Name)
		if err != nil {
			return nil, fmt.Errorf("demo account %s: %w", members[i].Name, err)
		}
		members[i].ID = a.ID
	}
	return members, nil
}

// appoint creates every account that is not among the members yet, with a new password.
func appoint(ctx context.Context, s *account.Service, path string, p Posts, members []Member) ([]Member, error) {
	by, before := account.Console(p.Root), len(members)
	for _, m := range p.members() {
		if slices.ContainsFunc(members, func(known Member) bool { return known.Name == m.Name }) {
			continue
		}
		m.Password = account.RandomPassword()
		if err := create(ctx, s, by, m); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	if len(members) == before {
		return members, nil
	}
	return members, write(path, members)
}

// create resets the password of an account whose file was lost: passwords cannot be read back from the database.
func create(ctx context.Context, s *account.Service, by account.Actor, m Member) error {
	_, _, err := s.Create(ctx, by, account.New{
		Name: m.Name, Role: m.Role, Code: m.Code, Department: m.Department, DisplayZh: m.DisplayZh,
		DisplayEn: m.DisplayEn, Password: m.Password,
	})
	if kind, ok := fault.KindOf(err); ok && kind == fault.KindConflict {
		_, _, err = s.Change(ctx, by, m.Name, account.Change{Password: &m.Password})
	}
	if err != nil {
		return fmt.Errorf("demo account %s: %w", m.Name, err)
	}
	return nil
}

// firstDepartment has an account by another name than its own.
const firstDepartment = "urban_management"

func (p Posts) members() []Member {
	all := []Member{
		{Name: "admin", Role: account.Administrator, Code: p.Root, DisplayZh: "管理员", DisplayEn: "Administrator"},
		{Name: "duty", Role: account.DutyOfficer, Code: p.Root, DisplayZh: "区值班长", DisplayEn: "District duty officer"},
		{Name: "leader", Role: account.Leader, Code: p.Root, DisplayZh: "区领导", DisplayEn: "District leader"},
		{Name: "auditor", Role: account.Auditor, Code: p.Root, DisplayZh: "审计员", DisplayEn: "Auditor"},
		{Name: "verifier", Role: account.Verifier, Code: p.Root, DisplayZh: "核查员", DisplayEn: "Verifier"},
		{Name: "urban", Role: account.Department, Department: firstDepartment, Code: p.Root, DisplayZh: "城管值班", DisplayEn: "Urban management desk"},
		{Name: "street", Role: account.Dispatcher, Code: p.Street, DisplayZh: "街道派单员", DisplayEn: "Street dispatcher"},
		{Name: "station", Role: account.Station, Code: p.Community, DisplayZh: "社区工作站", DisplayEn: "Community station"},
		{Name: "grid", Role: account.GridWorker, Code: p.Grid, DisplayZh: "网格员", DisplayEn: "Grid worker"},
		{Name: "landlord", Role: account.Landlord, Code: p.Grid, DisplayZh: "楼栋长", DisplayEn: "Building head"},
		{Name: "resident", Role: account.Resident, Code: p.Root, DisplayZh: "居民", DisplayEn: "Resident"},
		{Name: "mobile", Role: account.GridWorker, Code: p.Root, DisplayZh: "机动网格员", DisplayEn: "Mobile grid worker"},
	}
	for _, d := range p.Departments {
		if d.Code != firstDepartment {
			all = append(all, Member{
				Name: d.Code, Role: account.Department, Department: d.Code, Code: p.Root, DisplayZh: d.NameZh + "值班", DisplayEn: d.NameEn + " desk",
			})
		}
	}
	return all
}

// read answers nil members where there is no file yet.
func read(path string) ([]Member, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("demo accounts: %w", err)
	}
	var members []Member
	if err := json.Unmarshal(b, &members); err != nil {
		return nil, fmt.Errorf("demo accounts %s: %w", path, err)
	}
	return members, nil
}

// write replaces the file in one step, so that a crash leaves the whole or nothing.
func write(path string, members []Member) error {
	b, err := json.MarshalIndent(members, "", "  ")
	if err != nil {
		return fmt.Errorf("demo accounts: %w", err)
	}
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return fmt.Errorf("demo accounts: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("demo accounts: %w", err)
	}
	return nil
}
