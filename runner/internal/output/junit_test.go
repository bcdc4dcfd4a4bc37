package output_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/report"
)

// The rules of the JUnit schemas that CI servers know: counts that agree, what
// each element must carry, and the order of elements.
func TestJUnit(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*story{"sample": sampleRun(), "all": stories()["all"], "nothing": stories()["nothing"], "columns": stories()["columns"]} {
		t.Run(name, func(t *testing.T) {
			if s.plan.Began.IsZero() {
				s.plan.Began = sampleBegan
			}
			text := readAll(t, folderOf(t, s), "junit.xml")
			if name != "columns" {
				golden(t, name+".junit.xml", text)
			}
			checkJUnit(t, text, len(s.scenarios))
		})
	}
}

type junitCounts struct {
	Name     string  `xml:"name,attr"`
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Time     float64 `xml:"time,attr"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitFile struct {
	XMLName xml.Name `xml:"testsuites"`
	junitCounts
	Suites []struct {
		junitCounts
		Timestamp  string `xml:"timestamp,attr"`
		Properties []struct {
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []struct {
			Name      string         `xml:"name,attr"`
			ClassName string         `xml:"classname,attr"`
			Others    []xml.Attr     `xml:",any,attr"`
			Time      float64        `xml:"time,attr"`
			Failures  []junitOutcome `xml:"failure"`
			Errors    []junitOutcome `xml:"error"`
			Skipped   []junitOutcome `xml:"skipped"`
			Out       []string       `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func checkJUnit(t *testing.T, text string, scenarios int) {
	t.Helper()
	var f junitFile
	require.NoError(t, xml.Unmarshal([]byte(text), &f))
	all := junitCounts{Name: "flowtest", Time: f.Time}
	for _, suite := range f.Suites {
		got := junitCounts{Name: suite.Name, Tests: len(suite.Cases), Time: suite.Time}
		for _, c := range suite.Cases {
			assert.NotEmpty(t, c.Name)
			assert.NotEmpty(t, c.ClassName)
			assert.Empty(t, c.Others, "Jenkins' schema knows no others")
			assert.Len(t, c.Out, 1)
			assert.LessOrEqual(t, len(c.Failures)+len(c.Errors)+len(c.Skipped), 1)
			for _, o := range append(append([]junitOutcome{}, c.Failures...), c.Errors...) {
				assert.NotEmpty(t, o.Type)
				assert.NotEmpty(t, o.Message)
				assert.Contains(t, o.Text, "repeat it: flowtest run ")
			}
			got.Failures += len(c.Failures)
			got.Errors += len(c.Errors)
			got.Skipped += len(c.Skipped)
		}
		assert.Equal(t, suite.junitCounts, got)
		assert.NotContains(t, suite.Timestamp, "Z", "the schema's time has no zone")
		all.Tests += got.Tests
		all.Failures += got.Failures
		all.Errors += got.Errors
		all.Skipped += got.Skipped
	}
	all.Skipped = 0 // Jenkins' schema does not know it there
	assert.Equal(t, f.junitCounts, all)
	assert.Equal(t, scenarios, all.Tests)

	// properties come before cases, an outcome before system-out.
	order := map[string]int{"properties": 1, "testcase": 2, "failure": 1, "error": 1, "skipped": 1, "system-out": 2}
	var last []int
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch e := token.(type) {
		case xml.StartElement:
			if n := order[e.Name.Local]; n > 0 {
				assert.LessOrEqual(t, last[len(last)-1], n, e.Name.Local)
				last[len(last)-1] = n
			}
			last = append(last, 0)
		case xml.EndElement:
			last = last[:len(last)-1]
		}
	}
}

// Jenkins, GitLab and others keep one case of each class and name.
func TestNoTwoCasesOfAJUnitFileHaveOneName(t *testing.T) {
	t.Parallel()
	one := func(rule, name string, line, repeat int, recurs bool) *report.Scenario {
		s := scenario(name)
		s.Rule, s.Line, s.Repeat, s.Recurs = rule, line, repeat, recurs
		return s
	}
	s := &story{scenarios: []*report.Scenario{
		one("", "signs on", 3, 1, false), one("", "signs on", 3, 2, false), one("For guests", "signs on", 9, 0, false),
		one("", "twice", 12, 0, true), one("", "twice", 14, 0, true), one("", "", 16, 0, false), one("", " ", 18, 0, false),
		one("", "(row 1)", 21, 0, false), one("", "(row 2)", 22, 0, false),
	}}
	var f junitFile
	require.NoError(t, xml.Unmarshal([]byte(readAll(t, folderOf(t, s), "junit.xml")), &f))
	seen := map[[2]string]bool{}
	for _, c := range f.Suites[0].Cases {
		assert.NotEmpty(t, c.Name)
		assert.False(t, seen[[2]string{c.ClassName, c.Name}], c.Name)
		seen[[2]string{c.ClassName, c.Name}] = true
	}
	assert.Len(t, seen, len(s.scenarios))
	assert.Equal(t, "3 3 9 12 14 16 18 21 22", f.Suites[0].Properties[len(f.Suites[0].Properties)-1].Value)
}
