package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gridweave/gridweave/geo/civic/fault"
)

// styleBook is the map's styles as the front end's build wrote them: the page's own style function, run once for each
// kind of reader. They tell nothing of the district, so that whoever may load the page may have them.
type styleBook struct {
	Server string          `json:"server"` // stands for the server's address
	Fonts  json.RawMessage `json:"fonts"`  // the slices, the same in every style
	Styles []styleDocument `json:"styles"`
}

type styleDocument struct {
	Theme   string                     `json:"theme"`
	Palette int                        `json:"palette"`
	Lang    string                     `json:"lang"`
	Ground  string                     `json:"ground"`
	Style   map[string]json.RawMessage `json:"style"`
}

// styleFile is where the build puts the styles.
const styleFile = "styles/documents.json"

// fontFaces is the key of a style's fonts.
const fontFaces = "font-faces"

// readStyles gives an empty book where the front end was not built, and panics where it was built wrongly: it is part of
// the program.
func readStyles(files fs.FS) styleBook {
	var book styleBook
	text, err := fs.ReadFile(files, styleFile)
	if errors.Is(err, fs.ErrNotExist) {
		return book
	}
	if err == nil {
		err = json.Unmarshal(text, &book)
	}
	for _, d := range book.Styles {
		err = errors.Join(err, d.addFonts(book.Fonts))
	}
	if err != nil {
		panic(fmt.Errorf("map styles: %w", err))
	}
	return book
}

// addFonts gives every font of the style the slices.
func (d styleDocument) addFonts(slices json.RawMessage) error {
	var faces map[string]json.RawMessage
	if err := json.Unmarshal(d.Style[fontFaces], &faces); err != nil {
		return err
	}
	for name := range faces {
		faces[name] = slices
	}
	text, err := json.Marshal(faces)
	d.Style[fontFaces] = text
	return err
}

type styleAPI struct {
	book   styleBook
	ground string
	log    *slog.Logger
}

// styleHandler answers /styles/ with the list of styles, and /styles/{name}.json with one. ?palette=2 is clearer still
// for colour-blind eyes, ?lang= is zh or en.
func styleHandler(book styleBook, ground string, log *slog.Logger) http.Handler {
	s := styleAPI{book: book, ground: ground, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /styles/{$}", s.list)
	mux.HandleFunc("GET /styles/{document}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.style(w, r); err != nil {
			writeProblem(w, r, log, err)
		}
	})
	return mux
}

type styleRef struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func (s styleAPI) list(w http.ResponseWriter, r *http.Request) {
	refs := []styleRef{}
	for _, d := range s.book.Styles {
		if d.Ground == s.ground && d.Palette == 1 && d.Lang == defaultLang {
			refs = append(refs, styleRef{Name: d.Theme, URL: serverAddress(r) + "/styles/" + d.Theme + ".json"})
		}
	}
	serveDocument(w, r, jsonType, map[string]any{"styles": refs})
}

// defaultLang is that of those who read most of these maps.
const defaultLang = "zh"

func (s styleAPI) style(w http.ResponseWriter, r *http.Request) error {
	name, isJSON := strings.CutSuffix(r.PathValue("document"), ".json")
	query := r.URL.Query()
	lang, palette := defaultLang, 1
	if query.Has("lang") {
		lang = query.Get("lang")
	}
	switch query.Get("palette") {
	case "", "1":
	case "2":
		palette = 2
	default:
		return fault.Invalid("style.palette", "palette is 1 or 2")
	}
	if lang != "zh" && lang != "en" {
		return fault.Invalid("style.lang", "lang is zh or en")
	}
	for _, d := range s.book.Styles {
		if isJSON && d.Theme == name && d.Lang == lang && d.Palette == palette && d.Ground == s.ground {
			text, err := json.Marshal(d.Style)
			if err != nil {
				return fmt.Errorf("map style %s: %w", name, err)
			}
			serveBytes(w, r, jsonType, bytes.ReplaceAll(text, []byte(s.book.Server), []byte(serverAddress(r))))
			return nil
		}
	}
	return fault.NotFound("style", r.PathValue("document"))
}
