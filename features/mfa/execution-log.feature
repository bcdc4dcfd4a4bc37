@mfa @users @execution-log
Feature: What the sign-on with a second factor did
  Both the password and the passcode are checked before the flow says success. Live, the target needs a
  worker app.

  Background:
    Given a new user with an email device
    And the flow "mfa"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  Scenario: The password and the passcode are checked
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow pauses at "Choose a Device"
    And the flow ran "Check Password"
    And the flow did not run "Check Passcode"
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    And I fill in "otp" with the code from the email
    And I press "VERIFY"
    Then the flow completes
    And the flow ran:
      | node                   | success |
      | Check Password         | true    |
      | Choose a Device        | true    |
      | One-Time Passcode Form | true    |
      | Check Passcode         | true    |
      | Return Success         | true    |
    And the flow "Check Credentials" ran
    And no node failed

  Scenario: A wrong password ends before the second factor
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | wrong            |
    Then the flow reports "Invalid username and/or password"
    And no node failed but "Check Password"
    And the flow did not run "Choose a Device"
