package cli_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/mutate/show"
)

// tried is the report of a suite that looks at next to nothing.
func tried(t *testing.T, operators ...string) *mutate.Report {
	t.Helper()
	const feature = `Feature: Mutants
  Scenario: The <first> screen
    Given the flow "sign-on"
    When I start the flow
    Then the flow pauses at "Sign On Form"
`
	results, err := mutate.Run(t.Context(), &runner.Suite{
		Features: []runner.Source{{FS: fstest.MapFS{"a.feature": {Data: []byte(feature)}}, Path: ".", Show: "features"}},
		Target:   runner.Replay(), Recordings: shipped.Flows(t), Conformance: runner.OffBroken,
	}, mutate.Choice{Flow: "sign-on", Operators: operators}, 0, 0)
	require.NoError(t, err)
	return mutate.NewReport(results, nil, false)
}

func TestThePageShowsWhatNothingNoticed(t *testing.T) {
	withoutRace(t, itSuits)
	t.Parallel()
	var b strings.Builder
	require.NoError(t, show.HTML(&b, tried(t, "button-gone", "form-name", "button-doubled", "label", "cookie-gone", "way-elsewhere",
		"status", "token-not-refreshed", "description")))
	page, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	require.NoError(t, err)
	assert.Zero(t, page.Find("[src], [href]:not(.skip), link, iframe").Length(), "it loads nothing")

	card := func(id string) *goquery.Selection {
		found := page.Find(".m").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Find("p.quiet code").Text() == id })
		require.Equal(t, 1, found.Length(), id)
		return found
	}
	gone := card("sign-on/sign-on-form/button-gone/form.components.fields.3")
	assert.Equal(t, "survived", gone.AttrOr("data-kind", ""))
	assert.Equal(t, "buttons", gone.AttrOr("data-group", ""))
	assert.Equal(t, "The screen: the marked entry is gone", gone.Find("figcaption").Text())
	marked := gone.Find(".changed")
	require.Equal(t, 1, marked.Length())
	assert.Equal(t, "No account? Register now!goneREGISTER", marked.Text())
	assert.Contains(t, gone.Find("pre").Text(), "And the form has the fields:\n")

	twice := card("sign-on/sign-on-form/button-doubled/form.components.fields.4").Find(".changed.k-new")
	assert.Equal(t, "Having trouble signing on?newTROUBLE", twice.Text())
	label := card("sign-on/sign-on-form/label/form.components.fields.0.label").Find(".changed.k-changed")
	assert.Equal(t, "Something elsechangedusernameTEXT", label.Text())
	way := card("sign-on/registration-form/way-elsewhere/to trouble")
	assert.Equal(t, "not-covered", way.AttrOr("data-kind", ""))
	assert.Equal(t, "REGISTER", way.Find(".k-leads code").Text())

	// What no screen shows is named below the screen of its hop.
	cookie := card("sign-on/completed/cookie-gone/cookie ST")
	assert.Equal(t, "The screen: the hop leaves it", cookie.Find("figcaption").Text())
	assert.Equal(t, "Sign On Form", cookie.Find(".screen .title").Text())
	assert.Equal(t, "changed cookie ST in the response", cookie.Find("figure .beside").Text())
	assert.Equal(t, 1, cookie.Find(".changed").Length())
	for id, want := range map[string]string{
		"sign-on/sign-on-form/token-not-refreshed/interactionToken": "interactionToken",
		"sign-on/sign-on-form/description/form.description":         "form.description",
	} {
		got := card(id)
		assert.Equal(t, "The screen: the hop shows it", got.Find("figcaption").Text(), id)
		assert.Equal(t, "Username"+"username"+"TEXT", got.Find(".field").First().Text(), id)
		assert.Equal(t, want, got.Find("figure .beside code").Text(), id)
	}
	status := card("sign-on/trouble/status/status")
	assert.Equal(t, "Trouble Signing On Form", status.Find(".screen .title").Text())
	assert.Equal(t, "status", status.Find("figure .beside code").Text())

	assert.Equal(t, "the name of the form is \"Something else\" on \"Sign On Form\"",
		page.Find(`.noticed .said`).First().Text(), "what was noticed is a line")
	assert.Contains(t, page.Find("h3").First().Text(), "Sign On Form sign-on")
}

// Where nothing is suggested, every format for people says why.
func TestASurvivorWithoutASuggestionSaysWhy(t *testing.T) {
	withoutRace(t, itSuits)
	t.Parallel()
	r := tried(t, "description")
	r.Mutants[0].Add, r.Mutants[0].Why = nil, mutate.NoPlace
	for name, write := range map[string]func(io.Writer, *mutate.Report) error{
		"text": func(w io.Writer, r *mutate.Report) error { return show.Text(w, r, false) }, "HTML": show.HTML, "JUnit": show.JUnit,
		"Markdown": func(w io.Writer, r *mutate.Report) error { return show.Markdown(w, r, false) },
		"GitHub":   func(w io.Writer, r *mutate.Report) error { return show.GitHub(w, r, strings.Clone) },
	} {
		var b strings.Builder
		require.NoError(t, write(&b, r))
		assert.Contains(t, b.String(), mutate.NoPlace, name)
	}
}

// What does not count is listed only if all is asked for.
func TestTheTextListsAllIfItIsAsked(t *testing.T) {
	withoutRace(t, itSuits)
	t.Parallel()
	r := tried(t, "token-not-refreshed", "form-name")
	for all, has := range map[bool]assert.ComparisonAssertionFunc{
		true:  func(t assert.TestingT, s, part any, _ ...any) bool { return assert.Contains(t, s, part) },
		false: func(t assert.TestingT, s, part any, _ ...any) bool { return assert.NotContains(t, s, part) },
	} {
		var b strings.Builder
		require.NoError(t, show.Text(&b, r, all))
		has(t, b.String(), "    not counted: nothing is sent after an end, so no client uses its token\n")
		has(t, b.String(), "    noticed (step) by features/a.feature:2\n")
		assert.Contains(t, b.String(), "    survived: it passes features/a.feature:2\n")
		assert.Contains(t, b.String(), " not counted\n")
	}
}

func TestJUnitHasASurvivorAsFailure(t *testing.T) {
	withoutRace(t, itSuits)
	t.Parallel()
	var b strings.Builder
	require.NoError(t, show.JUnit(&b, tried(t, "form-name", "description")))
	var file struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Failures int    `xml:"failures,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Cases    []struct {
				Name    string  `xml:"name,attr"`
				Class   string  `xml:"classname,attr"`
				Failure *string `xml:"failure"`
				Skipped *string `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal([]byte(b.String()), &file))
	require.Len(t, file.Suites, 1)
	suite := file.Suites[0]
	assert.Equal(t, "sign-on", suite.Name)
	assert.Equal(t, 1, suite.Failures)
	assert.Equal(t, len(suite.Cases)-2, suite.Skipped)
	assert.Nil(t, suite.Cases[0].Failure, "the name was noticed")
	assert.Equal(t, `description: the description of the form is "Something else" on "Sign On Form"`, suite.Cases[1].Name)
	assert.Equal(t, "sign-on.sign-on-form", suite.Cases[1].Class)
	assert.Equal(t, `add after line 5 of features/a.feature: And "form.description" is "Prompt for username and password"`+
		"\nmutant: sign-on/sign-on-form/description/form.description", *suite.Cases[1].Failure)
}

func TestGitHubWarnsOfSurvivors(t *testing.T) {
	withoutRace(t, itSuits)
	t.Parallel()
	r := tried(t, "description")
	r.Stale = []string{"mutants.yaml:1: it expired\n::error::x"}
	var b strings.Builder
	require.NoError(t, show.GitHub(&b, r, func(file string) string { return "in, " + file }))
	assert.Equal(t, `::warning file=in%2C features/a.feature,line=5,title=description survived in sign-on::the description of the form is "Something else" on "Sign On Form"%0Aadd after line 5 of features/a.feature: And "form.description" is "Prompt for username and password"%0Amutant: sign-on/sign-on-form/description/form.description
::error title=accepted mutants::mutants.yaml:1: it expired%0A\::error::x
`, b.String())
}
