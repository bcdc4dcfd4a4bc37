package target

import (
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
)

// A Run is what flowtest run does where its flags say nothing else. The zero value says
// nothing.
type Run struct {
	// Tags is a tag expression, which is not read here. Optional.
	Tags string

	// Retries is how often a scenario runs again that network or rate limit failed,
	// 0 or more. Optional.
	Retries int

	// Rate is how many requests a second go to a live target, above 0. Optional.
	Rate float64

	// Timeout bounds each scenario. It is above 0. Optional.
	Timeout time.Duration

	// Report is the folder of the report, beside the file. Optional.
	Report string

	// Format is how results are printed. Whether there is such a format is not looked
	// at here. Optional.
	Format string
}

var runKeys = []string{"tags", "retries", "rate", "timeout", "report", "format"}

// readRun reads the section run.
func (f *File) readRun(r reader, e strictyaml.Entry) {
	entries, _ := r.Entries(e.Key, e.Value)
	for _, e := range entries {
		at, path := strictyaml.PlaceOf(e.Value), strictyaml.Join("run", e.Key)
		wrong := func(want string) { r.Add(at, "%s is %s, want %s", path, e.Value.GetToken().Value, want) }
		var err error
		switch e.Key {
		case "tags":
			f.Run.Tags = f.runText(r, e)
		case "report":
			f.Run.Report = f.runText(r, e)
		case "format":
			f.Run.Format = f.runText(r, e)
		case "retries":
			if f.Run.Retries, err = strconv.Atoi(scalar(e.Value)); err != nil || f.Run.Retries < 0 {
				wrong("0 or more")
			}
		case "rate":
			if f.Run.Rate, err = strconv.ParseFloat(scalar(e.Value), 64); err != nil || !(f.Run.Rate > 0) ||
				math.IsInf(f.Run.Rate, 0) {
				wrong("more than 0 requests a second")
			}
		case "timeout":
			if f.Run.Timeout, err = time.ParseDuration(scalar(e.Value)); err != nil || f.Run.Timeout <= 0 {
				wrong("a time above 0, as in 2m")
			}
		default:
			r.Unknown("run", e, runKeys)
		}
	}
}

// runText reads a text of the section, in which references to the environment are resolved.
func (f *File) runText(r reader, e strictyaml.Entry) string {
	e.Key = strictyaml.Join("run", e.Key)
	_, text := r.resolved(e, f.said.lookup)
	return text
}

// domain is where email addresses can be.
var domain = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$`)

// readUnique reads the section unique.
func (f *File) readUnique(r reader, e strictyaml.Entry) {
	entries, _ := r.Entries(e.Key, e.Value)
	for _, e := range entries {
		if e.Key != "emailDomain" {
			r.Unknown("unique", e, []string{"emailDomain"})
			continue
		}
		e.Key = strictyaml.Join("unique", e.Key)
		s, text := r.resolved(e, f.said.lookup)
		if text != "" && !domain.MatchString(text) {
			r.Add(s.at, "%s is not a domain, want one such as test.example.com", e.Key)
		}
		f.said.domain = text
	}
}

// scalar returns a number or a text as the file has it, "" for anything else.
func scalar(n ast.Node) string {
	switch n.Type() {
	case ast.IntegerType, ast.FloatType, ast.StringType:
		return n.GetToken().Value
	default:
		return ""
	}
}
