package api

import "testing"

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]string{
		"":                                "",
		"identity":                        "",
		"gzip":                            "gzip",
		"GZIP":                            "gzip",
		"gzip, deflate, br":               "gzip",
		"gzip, zstd":                      "zstd",
		"zstd;q=0.5, gzip":                "gzip",
		"zstd;q=0.5, gzip;q=0.5":          "zstd",
		"gzip;q=0":                        "",
		"gzip; q=0.000":                   "",
		"gzip ; Q=0.8":                    "gzip",
		"gzip;q=0, *":                     "zstd",
		"*":                               "zstd",
		"*;q=0":                           "",
		"*;q=0, gzip;q=0.1":               "gzip",
		"gzip;q=0.2, identity;q=0.8":      "",
		"gzip;q=0.8, identity;q=0.2":      "gzip",
		"gzip, identity":                  "gzip",
		"identity;q=0, gzip;q=0.1":        "gzip",
		"identity;q=0":                    "",
		"gzip;q=nonsense":                 "",
		"gzip;q=2":                        "",
		"gzip;level=9":                    "",
		"x-gzip":                          "",
		"zstd;q=0, gzip;q=0, identity":    "",
		"br;q=1.0, gzip;q=0.8, *;q=0.1":   "gzip",
		" , ,, gzip":                      "gzip",
		"deflate;q=1, zstd;q=0,gzip;q=00": "",
	} {
		if got := negotiate(header, "zstd", "gzip"); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}
