package stream_test

import (
	"testing"

	messages "github.com/cucumber/messages/go/v34"
	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/output/stream"
)

func TestTheCIServerIsKnownByItsEnvironment(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		env  map[string]string
		want *messages.Ci
	}{
		"none": {map[string]string{"PATH": "/bin"}, nil},
		"GitHub, a pull request": {
			map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b",
				"GITHUB_SHA": "c0ffee", "GITHUB_HEAD_REF": "topic", "GITHUB_REF_NAME": "3/merge", "GITHUB_REF_TYPE": "branch",
			},
			&messages.Ci{
				Name: "GitHub Actions", Url: "https://github.com/a/b/actions/runs/7", BuildNumber: "7",
				Git: &messages.Git{Remote: "https://github.com/a/b.git", Revision: "c0ffee", Branch: "topic"},
			},
		},
		"GitHub, a tag": {
			map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b",
				"GITHUB_SHA": "c0ffee", "GITHUB_REF_NAME": "v1", "GITHUB_REF_TYPE": "tag",
			},
			&messages.Ci{
				Name: "GitHub Actions", Url: "https://github.com/a/b/actions/runs/7", BuildNumber: "7",
				Git: &messages.Git{Remote: "https://github.com/a/b.git", Revision: "c0ffee", Tag: "v1"},
			},
		},
		"GitLab, whose URL has a token": {
			map[string]string{
				"GITLAB_CI": "true", "CI_JOB_URL": "https://gitlab.example.com/-/jobs/8", "CI_JOB_ID": "8",
				"CI_REPOSITORY_URL": "https://gitlab-ci-token:secret@gitlab.example.com/a.git", "CI_COMMIT_SHA": "c0ffee", "CI_COMMIT_BRANCH": "main",
			},
			&messages.Ci{
				Name: "GitLab", Url: "https://gitlab.example.com/-/jobs/8", BuildNumber: "8",
				Git: &messages.Git{Remote: "https://gitlab.example.com/a.git", Revision: "c0ffee", Branch: "main"},
			},
		},
		"Jenkins without a repository": {
			map[string]string{"JENKINS_URL": "https://ci", "BUILD_URL": "https://ci/job/1", "BUILD_NUMBER": "1"},
			&messages.Ci{Name: "Jenkins", Url: "https://ci/job/1", BuildNumber: "1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := stream.CIOf(func(name string) (string, bool) {
				value, ok := row.env[name]
				return value, ok
			})
			assert.Equal(t, row.want, got)
		})
	}
	assert.Nil(t, stream.CIOf(nil))
}
