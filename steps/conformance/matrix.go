package conformance

// A Journey holds the results of the catalogue for one journey.
type Journey struct {
	Name, File string // of the scenario
	Line       int
	Flow       string
	Hops       int

	// Passed are the requirements that applied to a hop and passed.
	Passed Set

	// Findings are in the order of the hops, without those that passed.
	Findings []Finding

	// SDK is what the second catalogue says for each hop; empty if it was not requested.
	SDK []Verdicts
}

// Hide removes the secrets from all findings.
func (j *Journey) Hide(redact func(string) string) {
	for i := range j.Findings {
		j.Findings[i].Hide(redact)
	}
	for i := range j.SDK {
		for k := range j.SDK[i].Findings {
			j.SDK[i].Findings[k].Hide(redact)
		}
	}
}

// Add adds the verdicts for one more hop. The journey takes ownership of v.SDK.
func (j *Journey) Add(v *Verdicts) {
	j.Hops++
	for i := range j.Passed {
		j.Passed[i] |= v.Passed[i]
	}
	j.Findings = append(j.Findings, v.Findings...)
	if v.SDK != nil {
		j.SDK = append(j.SDK, *v.SDK)
	}
}

// Result returns the result of a requirement in the journey.
func (j *Journey) Result(r *Requirement) Result {
	worst := NotExercised
	if j.Passed.has(r) {
		worst = Passed
	}
	for i := range j.Findings {
		if j.Findings[i].Requirement == r {
			worst = max(worst, j.Findings[i].Result)
		}
	}
	return worst
}

// Failed returns the findings that break a MUST.
func (j *Journey) Failed() []Finding {
	var out []Finding
	for i := range j.Findings {
		if j.Findings[i].Result == Violated {
			out = append(out, j.Findings[i])
		}
	}
	return out
}

// A Matrix has the result of every requirement in every journey of a run.
type Matrix struct {
	Journeys []*Journey

	sdks  map[string]*SDKRow // by flow
	worst [256]Result        // by the requirement's place
}

// Add adds a journey.
func (m *Matrix) Add(j *Journey) {
	m.Journeys = append(m.Journeys, j)
	m.addSDKs(j)
	for _, r := range catalogue {
		if j.Passed.has(r) {
			m.worst[r.place] = max(m.worst[r.place], Passed)
		}
	}
	for i := range j.Findings {
		f := &j.Findings[i]
		m.worst[f.Requirement.place] = max(m.worst[f.Requirement.place], f.Result)
	}
}

// Result returns the most severe result of a requirement.
func (m *Matrix) Result(r *Requirement) Result { return m.worst[r.place] }
