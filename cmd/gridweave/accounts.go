package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
)

type userCommand struct {
	Create userCreate `cmd:"" help:"Make an account."`
	List   userList   `cmd:"" help:"List accounts."`
	Change userChange `cmd:"" help:"Change an account's role, area or password, or end it."`
}

type userCreate struct {
	place
	Account       string `required:"" help:"Name to sign in with."`
	Role          string `required:"" help:"${roles}"`
	Area          string `required:"" help:"Area code: the account sees and changes what starts with it." placeholder:"CODE"`
	Department    string `help:"For the role department: its code."`
	PasswordStdin bool   `required:"" help:"Read the password from the first line of standard input."`
	NameZh        string `help:"Name shown in Chinese."`
	NameEn        string `help:"Name shown in English."`
}

// Run makes the account.
func (u *userCreate) Run(c *console) error {
	role, err := account.ParseRole(u.Role)
	if err != nil {
		return err
	}
	area, err := areaCode(u.Area)
	if err != nil {
		return err
	}
	password, err := readPassword(c.stdin)
	if err != nil {
		return err
	}
	return u.with(c, func(o *opened) error {
		made, pos, err := o.accounts().Create(c, account.Console(province(area)), account.New{
			Name: u.Account, Role: role, Code: area, Department: u.Department, DisplayZh: u.NameZh, DisplayEn: u.NameEn,
			Password: password,
		})
		if err != nil {
			return err
		}
		if u.JSON {
			return c.printJSON(map[string]any{"account": made.Name, "role": made.Role, "area": made.Code, "position": pos})
		}
		c.printLine("account %s: %s of %s", made.Name, made.Role, made.Code)
		return nil
	})
}

type userList struct {
	place
	Area string `help:"Only accounts of this area." placeholder:"CODE"`
}

// accountRow is one line of `user list --json`.
type accountRow struct {
	Account    string       `json:"account"`
	Role       account.Role `json:"role"`
	Area       geo.Code     `json:"area"`
	Department string       `json:"department,omitempty"`
	Active     bool         `json:"active"`
}

// Run lists the accounts of an area, or of the whole database.
func (u *userList) Run(c *console) error {
	return u.with(c, func(o *opened) error {
		scope, err := o.root(c)
		if u.Area != "" {
			scope, err = areaCode(u.Area)
		}
		if err != nil {
			return err
		}
		all, err := o.accounts().List(c, account.Console(scope))
		if err != nil {
			return err
		}
		if !u.JSON {
			for _, a := range all {
				c.printLine("%-20s %-14s %s", a.Name, a.Role, a.Code)
			}
			return nil
		}
		rows := make([]accountRow, 0, len(all))
		for _, a := range all {
			rows = append(rows, accountRow{Account: a.Name, Role: a.Role, Area: a.Code, Department: a.Department, Active: a.Active})
		}
		return c.printJSON(rows)
	})
}

type userChange struct {
	place
	Account       string  `required:"" help:"The account's name."`
	Role          *string `help:"New role."`
	Area          *string `help:"New area code." placeholder:"CODE"`
	Active        *bool   `negatable:"" help:"--no-active ends the account, --active brings it back."`
	PasswordStdin bool    `help:"Read a new password from the first line of standard input."`
}

// Run applies the changes that were named; they hold from the account's next request.
func (u *userChange) Run(c *console) error {
	change, err := u.change(c.stdin)
	if err != nil {
		return err
	}
	return u.with(c, func(o *opened) error {
		a, err := o.accounts().ByName(c, u.Account)
		if err != nil {
			return err
		}
		after, pos, err := o.accounts().Change(c, account.Console(province(a.Code)), u.Account, change)
		if err != nil {
			return err
		}
		if u.JSON {
			return c.printJSON(map[string]any{"account": after.Name, "role": after.Role, "area": after.Code, "active": after.Active, "position": pos})
		}
		c.printLine("account %s: %s of %s", after.Name, after.Role, after.Code)
		return nil
	})
}

func (u *userChange) change(stdin io.Reader) (account.Change, error) {
	c := account.Change{Active: u.Active}
	if u.Role != nil {
		role, err := account.ParseRole(*u.Role)
		if err != nil {
			return c, err
		}
		c.Role = &role
	}
	if u.Area != nil {
		area, err := areaCode(*u.Area)
		if err != nil {
			return c, err
		}
		c.Code = &area
	}
	if u.PasswordStdin {
		password, err := readPassword(stdin)
		if err != nil {
			return c, err
		}
		c.Password = &password
	}
	return c, nil
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a bearer token and print it, once."`
	List   tokenList   `cmd:"" help:"List bearer tokens, without what they are."`
	Revoke tokenRevoke `cmd:"" help:"End a bearer token."`
}

type tokenCreate struct {
	place
	Account string        `required:"" help:"The account that the token stands for."`
	Label   string        `default:"console" help:"What the token is for."`
	Expires time.Duration `help:"Time after which it ends, such as 720h; never when left out."`
}

// Run prints the token and nothing else.
func (t *tokenCreate) Run(c *console) error {
	return t.with(c, func(o *opened) error {
		s := o.accounts()
		a, err := s.ByName(c, t.Account)
		if err != nil {
			return err
		}
		var expires time.Time
		if t.Expires > 0 {
			expires = time.Now().Add(t.Expires)
		}
		token, err := s.CreateToken(c, account.Console(province(a.Code)), a.Name, t.Label, expires)
		if err != nil {
			return err
		}
		if t.JSON {
			return c.printJSON(map[string]string{"account": a.Name, "token": token})
		}
		c.printLine("%s", token)
		return nil
	})
}

// areaCode parses a code and refuses what no account can work for.
func areaCode(s string) (geo.Code, error) {
	code, err := geo.ParseCode(s)
	if err != nil {
		return "", fmt.Errorf("area: %w", err)
	}
	return code, nil
}

// province is the widest area above a code: what the console works for.
func province(code geo.Code) geo.Code {
	wide, _ := code.At(geo.Province)
	return wide
}

func readPassword(stdin io.Reader) (string, error) {
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("password: standard input is empty; give the password on its first line")
	}
	return line, nil
}
