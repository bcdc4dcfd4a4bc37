package show

import (
	"encoding/xml"
	"io"
	"strconv"

	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/output/digest"
)

// The elements of a JUnit file: a suite for each flow, a case for each mutant.
type (
	junitFile struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		ID       string      `xml:"id,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitMessage `xml:"failure,omitempty"`
		Skipped *junitMessage `xml:"skipped,omitempty"`
	}
	junitMessage struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the report for CI servers. A survivor is a failure. A mutant that no scenario
// crosses, or that is accepted, is skipped.
//
// Source: junit-10.xsd of Jenkins' xUnit plugin.
func JUnit(w io.Writer, r *mutate.Report) error {
	file := junitFile{Name: "flowtest mutate", Tests: len(r.Mutants)}
	for i := range r.Mutants {
		m := &r.Mutants[i]
		if n := len(file.Suites); n == 0 || file.Suites[n-1].Name != m.Flow {
			file.Suites = append(file.Suites, junitSuite{Name: m.Flow, ID: strconv.Itoa(n)})
		}
		suite := &file.Suites[len(file.Suites)-1]
		suite.Tests++
		c := junitCase{Name: digest.Plain(m.Operator + ": " + m.Change), Class: m.Flow + "." + m.Hop}
		switch m.Verdict {
		case mutate.Survived:
			suite.Failures++
			file.Failures++
			c.Failure = &junitMessage{"survived", digest.Plain(line(m)), digest.Plain(named(m))}
		case mutate.NotCovered, mutate.Accepted, mutate.NotCounted:
			suite.Skipped++
			c.Skipped = &junitMessage{Message: digest.Plain(line(m))}
		case mutate.ByStep, mutate.ByCatalogue, mutate.ByMiss:
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(&file); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// named is the advice for a survivor, with the id by which mutants.yaml names it.
func named(m *mutate.Result) string { return advice(m) + "\nmutant: " + m.ID }
