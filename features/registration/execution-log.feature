@registration @users @execution-log
Feature: What the registration did
  The account is made once, and the flow says success after the code was checked. Live, the target needs a
  worker app.

  Background:
    Given the flow "registration"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    When I press "REGISTER"
    Then the flow pauses at "Registration Form"
    When I submit the form with:
      | key              | value              |
      | user.email       | ${unique.email}    |
      | user.name.given  | ${unique.username} |
      | user.name.family | ${unique}          |
      | user.password    | ${unique.password} |
    Then the flow pauses at "Verify Email Form"

  Scenario: The code is checked before the flow says success
    When I fill in "code" with the code from the email
    And I press "VERIFY"
    Then the flow completes
    And the flow ran:
      | node              | success |
      | Registration Form | true    |
      | Create User       | true    |
      | Verify Email Form | true    |
      | Verify Code       | true    |
      | Return Success    | true    |
    And "Create User" returned "email" as "${unique.email}"
    And no node failed

  Scenario: A wrong code ends at the node that checks it
    When I submit the form with:
      | key  | value  |
      | code | 000000 |
    Then the flow reports "Invalid verification code"
    And no node failed but "Verify Code"
    And the flow did not run "Return Success"
