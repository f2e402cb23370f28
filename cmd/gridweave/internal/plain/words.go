package plain

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

//go:embed words/*.json
var dictionaries embed.FS

// words are the texts of one language.
type words struct {
	Lang  string // zh or en
	texts map[string]string
}

// mustWords reads what the build embedded; a dictionary that cannot be read is a build that must not start.
func mustWords(lang string) words {
	w := words{Lang: lang}
	raw, err := dictionaries.ReadFile("words/" + lang + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &w.texts)
	}
	if err != nil {
		panic(fmt.Sprintf("plain: words of %s: %v", lang, err))
	}
	return w
}

// T is the text of a key; where there is none, the value that the server named, as it named it.
func (w words) T(key string) string {
	if text, ok := w.texts[key]; ok {
		return text
	}
	return key[strings.IndexByte(key, '.')+1:]
}

// N is the text of a value of a group that the server names, as in grade and red.
func (w words) N(group string, value any) string { return w.T(fmt.Sprintf("%s.%v", group, value)) }

// Pick is the one of two names that the reader reads; the other where it is missing.
func (w words) Pick(zh, en string) string {
	if (w.Lang == "zh" && zh != "") || en == "" {
		return zh
	}
	return en
}

// link adds the language to a path of ours.
func (w words) link(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return Root
	}
	q := u.Query()
	q.Set("lang", w.Lang)
	u.RawQuery = q.Encode()
	return u.String()
}

// languageOf is what the address asks for, or the browser; Chinese is the district's own.
func languageOf(r *http.Request) string {
	switch asked := r.FormValue("lang"); asked {
	case "zh", "en":
		return asked
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if first == "" || strings.HasPrefix(strings.ToLower(first), "zh") {
		return "zh"
	}
	return "en"
}
