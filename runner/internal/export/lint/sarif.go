package lint

import (
	"io"
	"net/url"

	"flowtest/runner/internal/export"
)

// SARIF writes reports as a SARIF 2.1.0 log for code scanning. Version is the version of
// the program.
//
// Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
func SARIF(w io.Writer, reports []Report, version string, path func(string) string) error {
	type text struct {
		Text string `json:"text"`
	}
	type rule struct {
		ID      string         `json:"id"`
		Short   text           `json:"shortDescription"`
		Full    text           `json:"fullDescription"`
		Help    text           `json:"help"`
		Default map[string]any `json:"defaultConfiguration"`
	}
	var listed []rule
	at := map[string]int{}
	for i, r := range rules {
		at[r.ID] = i
		listed = append(listed, rule{
			r.ID,
			text{r.Sentence},
			text{r.Sentence + " Source: " + r.Source + "."},
			text{"To fix it:  " + r.Fix +
				"."},
			map[string]any{"level": r.Level},
		})
	}
	results := []any{}
	for _, r := range reports {
		uri := (&url.URL{Path: path(r.Name)}).String()
		for _, f := range r.Findings {
			result := map[string]any{
				"ruleId": f.Rule.ID, "ruleIndex": at[f.Rule.ID], "level": f.Rule.Level,
				"message": text{f.where() + ". To fix it:  " + f.Rule.Fix + "."},
				"locations": []any{map[string]any{
					"physicalLocation": map[string]any{
						"artifactLocation": map[string]any{"uri": uri}, "region": map[string]any{"startLine": f.Line},
					},
					"logicalLocations": []any{f.logical()},
				}},
				"partialFingerprints": map[string]string{"flowtest/v1": f.Rule.ID + "/" + f.ID + "/" + f.Node +
					"/" + f.Text},
			}
			if f.Known != "" {
				result["suppressions"] = []any{map[string]any{"kind": "external", "justification": f.Known}}
			}
			results = append(results, result)
		}
	}
	return indented(w, map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []any{map[string]any{
			"tool": map[string]any{"driver": map[string]any{
				"name": "flowtest", "semanticVersion": version,
				"rules": listed,
			}},
			"results": results,
		}},
	})
}

// logical returns the node of a finding, or its flow, in SARIF's form.
func (f *Finding) logical() map[string]any {
	if f.Node == "" {
		return map[string]any{"name": f.Flow, "fullyQualifiedName": f.Flow, "kind": "object"}
	}
	return map[string]any{"name": f.Name, "fullyQualifiedName": f.Flow + "/" + f.Node, "kind": "object"}
}

// A dvError is a finding in the shape of Ping's linter.
type dvError struct {
	Code           string `json:"code"`
	Message        string `json:"message"`
	Type           string `json:"type"`
	Recommendation string `json:"recommendation"`
	FlowID         string `json:"flowId"`
	NodeID         string `json:"nodeId,omitempty"`
}

// dvCounted is one level of a result of Ping's linter.
type dvCounted struct {
	Pass       bool `json:"pass"`
	ErrorCount int  `json:"errorCount"`
}

type dvRule struct {
	RuleID          string `json:"ruleId"`
	RuleDescription string `json:"ruleDescription"`
	dvCounted
	Errors []dvError `json:"errors"`
}

type dvFlow struct {
	FlowID   string `json:"flowId"`
	FlowName string `json:"flowName"`
	dvCounted
	Errors       []dvError `json:"errors"`
	RulesApplied []string  `json:"rulesApplied"`
	RuleResults  []dvRule  `json:"ruleResults"`
	RulesIgnored []string  `json:"rulesIgnored"`
}

type dvPack struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	dvCounted
	LintResults []dvFlow `json:"lintResults"`
	Clean       bool     `json:"clean"`
}

// DVLint writes reports in the format of Ping's linter dvlint, so that both can be merged
// into one report. It lists warnings too; they fail nothing.
//
// Source: pingidentity/dvlint, lib/LintResult.js and lib/PingOneDaVinciLinter.js.
func DVLint(w io.Writer, reports []Report, version string) error {
	pack := dvPack{Name: "flowtest", Version: version, LintResults: []dvFlow{}}
	for _, r := range reports {
		for _, flow := range r.File.Flows {
			one := dvFlow{
				FlowID: flow.ID, FlowName: flow.Name, Errors: []dvError{}, RuleResults: []dvRule{},
				RulesIgnored: []string{},
			}
			for i := range rules {
				result := r.dvRule(flow, &rules[i])
				one.ErrorCount += result.ErrorCount
				one.Errors = append(one.Errors, result.Errors...)
				one.RulesApplied = append(one.RulesApplied, result.RuleID)
				one.RuleResults = append(one.RuleResults, result)
			}
			one.Pass = one.ErrorCount == 0
			pack.ErrorCount += one.ErrorCount
			pack.LintResults = append(pack.LintResults, one)
		}
	}
	pack.Pass = pack.ErrorCount == 0
	return indented(w, struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		dvCounted
		RulePackResults []dvPack `json:"rulePackResults"`
		Clean           bool     `json:"clean"`
	}{"flowtest", version, pack.dvCounted, []dvPack{pack}, false})
}

// dvRule returns the result of a rule in a flow.
func (r *Report) dvRule(flow *export.Flow, rule *Rule) dvRule {
	result := dvRule{RuleID: rule.ID, RuleDescription: rule.Sentence, Errors: []dvError{}}
	for _, f := range r.Findings {
		if f.Rule != rule || f.ID != flow.ID || f.Flow != flow.Name || f.Known != "" {
			continue
		}
		kind := "error"
		if f.Rule.Level == Warning {
			kind = "best-practice"
		} else {
			result.ErrorCount++
		}
		result.Errors = append(result.Errors, dvError{f.Rule.ID, f.where(), kind, f.Rule.Fix, f.ID, f.Node})
	}
	result.Pass = result.ErrorCount == 0
	return result
}
