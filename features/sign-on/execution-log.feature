@execution-log
Feature: What the sign-on did
  A flow can say success without having checked the password. The execution log of DaVinci has what it
  did: live, the target needs a worker app.

  Background:
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  Scenario: The password is checked before the flow says success
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the flow ran:
      | node           | success |
      | Sign On Form   | true    |
      | Lookup User    | true    |
      | Check Password | true    |
      | Return Success | true    |
    And the flow "Check Credentials" ran
    And "Lookup User" returned "matchedUser.username" as "${user.username}"
    And "Lookup User" took less than "2s"
    And no node failed

  Scenario: A wrong password ends at the node that checks it
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | wrong            |
    Then the flow reports "Invalid username and/or password"
    And "Check Password" failed
    And no node failed but "Check Password"
    And the flow did not run "Return Success"
