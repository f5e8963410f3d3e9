//! What every store must do, as tests over any store.
//!
//! A store joins with an [`Engine`] and one line: `conformance!(MyEngine);`,
//! and `conformance_over_restarts!(MyEngine);` where its data outlives it.

mod accepting;
mod acting;
#[cfg_attr(
    not(any(feature = "sqlite", feature = "sqlite-system")),
    allow(dead_code, reason = "without SQLite no store is opened again")
)]
mod bed;
mod browsing;
mod browsing_events;
mod calling;
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod calling_over_restarts;
mod calls_alone;
mod claiming;
mod closing;
mod completing;
mod deduplicating;
mod ending;
pub(crate) mod fixture;
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod flow_over_restarts;
mod flowing;
mod handing_over;
mod keeping;
mod listing;
mod meeting;
mod model;
mod pruning;
mod refusing;
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod reopening;
mod secrets;
mod sending;
mod sources;
mod starting;
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod starting_over_restarts;
mod ticking;
mod waiting;

pub(crate) use bed::{Bed, Engine, Outcome};

/// Makes a test of each case, in a module per subject.
macro_rules! cases {
    ($engine:ty: $($subject:ident { $($case:ident)* })*) => {
        $(mod $subject {
            $(#[test]
            fn $case() -> $crate::store::conformance::Outcome {
                let case = $crate::store::conformance::$subject::$case;
                $crate::store::conformance::bed::run::<$engine, _>(case)
            })*
        })*
    };
}

/// The tests of any store.
macro_rules! conformance {
    ($engine:ty) => {
        $crate::store::conformance::cases! { $engine:
            accepting {
                a_delivery_is_stored_whole
                a_delivery_without_runs_is_filtered
                every_byte_of_a_body_survives
                an_empty_body_survives
                a_body_of_two_mebibytes_survives
                headers_survive_in_order_with_repeats
                credentials_are_masked
                method_and_target_survive
                the_time_of_receipt_survives
                the_public_url_survives
                an_id_that_is_stored_twice_fails_alone
                a_future_that_is_dropped_undoes_nothing
                an_unknown_delivery_is_none
            }
            deduplicating {
                a_repeat_names_the_first_and_its_answer
                of_a_hundred_at_once_one_is_stored
                two_of_one_batch_are_one
                the_same_key_elsewhere_is_another
                without_a_key_all_are_stored
                an_expired_key_is_free
                a_key_expires_at_its_time_and_not_before
                a_repeat_of_a_filtered_one_is_matched_again
                a_repeat_that_matches_nothing_again_changes_nothing
                a_rematched_run_gets_the_first_request
                a_rematch_says_what_later_repeats_are_told
                a_rematch_holds_the_key_longer
            }
            handing_over {
                a_run_with_a_slot_starts_at_once
                a_run_without_a_slot_is_queued
                a_mixed_delivery_starts_what_it_can
                each_of_many_is_handed_over_once
                nobody_needs_to_wait_for_it
                the_slots_of_a_duplicate_are_free_again
                the_slots_of_a_failed_write_are_free_again
                a_rematched_run_starts_at_once
                a_run_whose_workers_left_is_still_stored
                what_is_handed_over_is_what_a_claim_returns
            }
            claiming {
                the_longest_due_comes_first_then_the_oldest
                no_more_than_the_limit
                nothing_before_its_time
                no_run_is_claimed_twice
                many_at_once_are_the_longest_due_and_each_has_its_fence
                a_claim_raises_attempt_and_token
                a_claim_returns_steps_and_failures
                the_next_due_is_the_earliest_queued
            }
            sending {
                an_event_is_stored_whole
                an_event_starts_its_runs
                a_run_of_an_event_is_claimed_with_it
                events_of_one_key_are_one_event
                keys_of_other_names_and_sources_are_other_keys
                a_repeat_in_one_call_is_one_event
                a_repeat_gives_its_place_back
                of_a_hundred_at_once_with_one_key_one_is_stored
                many_events_are_answered_in_their_order
                an_event_that_is_due_later_waits
                a_pending_event_says_when_something_is_due
                a_released_event_starts_its_runs_once
                a_cancelled_event_is_not_sent
                an_event_that_was_sent_cannot_be_cancelled
                a_key_holds_while_its_event_is_pending
                events_are_recorded_with_the_step_that_sent_them
                a_stale_record_sends_nothing
                the_end_of_a_run_sends_its_events
                a_run_of_an_event_retries_with_it
                an_unknown_event_is_none
                an_old_event_goes_with_all_it_has
                an_unfinished_run_keeps_its_event
                a_pending_event_is_never_pruned
                the_key_of_an_event_that_went_is_free
            }
            ticking {
                a_schedule_is_stored_whole_and_replaced
                due_schedules_are_found_in_their_order
                a_tick_moves_its_schedule_on
                of_many_that_notice_a_tick_one_sends_it
                a_tick_of_a_schedule_that_changed_is_not_sent
            }
            ending {
                a_run_that_is_done_is_final
                an_end_is_written_whether_or_not_it_is_waited_for
                a_run_that_failed_is_final
                a_payload_that_does_not_decode_is_final
                a_retry_waits_for_its_time
                the_limit_ends_a_run
                progress_makes_failures_count_from_zero
                a_failed_step_is_no_progress
                progress_in_the_last_write_counts_first
                a_release_counts_as_nothing
                a_parked_run_is_not_claimed
                the_last_error_is_kept
                a_failure_that_is_forgotten_is_gone
                a_forgotten_failure_takes_those_inside_it_along
                a_write_after_the_end_is_stale
                a_write_after_a_release_is_stale
                a_write_with_another_token_or_attempt_is_stale
                a_write_to_an_unknown_run_is_stale
                a_stale_write_writes_nothing
                a_stale_fence_among_others_is_skipped
                a_recorded_step_stays_as_it_is
                steps_come_back_whole_and_in_order
                a_failure_that_ended_an_execution_is_replaced_by_what_comes_next
                a_retry_that_is_not_counted_reaches_no_limit
                what_is_shown_of_a_step_is_kept
                a_redacted_output_is_shown_to_nobody_but_the_run
            }
            listing {
                deliveries_are_listed_newest_first
                the_last_use_of_an_old_secret_is_known
                runs_are_found_by_each_part_of_a_query
                runs_are_listed_newest_first
                logs_keep_their_order
                a_log_belongs_to_its_run
                traces_are_listed_newest_first_and_whole
                traces_are_capped
            }
            browsing {
                deliveries_and_traces_are_in_one_order
                pages_follow_each_other_without_gap_or_overlap
                requests_are_found_by_each_part_of_a_query
                a_request_is_found_by_its_id
                runs_are_paged_by_job_state_and_time
                requests_and_runs_are_counted_by_the_minute
            }
            browsing_events {
                events_are_paged_by_when_they_happened
                events_are_found_by_each_part_of_a_query
                the_events_of_a_delivery_are_found
                events_are_counted_by_name_and_minute
            }
            acting {
                a_failed_run_that_is_retried_keeps_its_finished_steps
                a_run_is_retried_from_a_step
                only_a_run_that_stands_still_is_retried
                a_cancelled_run_is_final_and_its_worker_writes_nothing
                what_executes_a_cancelled_run_is_told
                a_queued_run_that_is_cancelled_is_not_claimed
                a_retried_run_keeps_its_delivery
                settings_are_kept_and_taken_back
            }
            flowing {
                no_more_than_the_limit_execute_at_once
                each_key_has_its_own_places
                jobs_share_a_limit_by_its_name
                a_run_needs_a_place_in_each_of_its_lanes
                a_run_that_waits_for_its_next_attempt_takes_no_place
                a_released_run_gives_its_place_back
                a_cancelled_run_gives_its_place_back
                a_place_that_was_promised_is_not_lost_with_its_run
                a_limit_that_is_raised_lets_those_that_wait_start
                a_limit_that_is_lowered_holds_for_those_that_wait
                fifo_runs_in_the_order_of_storing
                fifo_waits_for_the_attempts_of_the_one_before
                fifo_goes_on_past_one_that_is_cancelled
                fifo_is_for_each_key
                a_rate_holds_over_every_window
                a_rate_counts_attempts_and_not_what_goes_on
                a_rate_is_forgotten_when_it_counts_no_more
                of_those_put_off_the_last_runs
                putting_off_has_an_end
                a_full_batch_starts_at_once
                a_batch_starts_when_its_first_has_waited
                a_batch_fails_and_is_tried_again_as_a_whole
                a_member_of_a_batch_can_be_cancelled
                more_priority_comes_first
                more_priority_gets_the_next_place
                a_run_in_the_future_of_more_priority_holds_nobody_up
                the_end_of_a_run_queues_its_hook
                an_end_without_a_hook_queues_nothing
                an_event_cancels_the_runs_of_its_key
                a_replay_is_a_new_run_of_the_same_delivery
            }
            refusing {
                a_run_that_cannot_be_read_leaves_its_batch
                where_the_first_cannot_be_read_the_next_goes_on_for_the_others
                where_none_can_be_read_all_end
            }
            waiting {
                a_suspended_run_is_due_with_its_earliest_wait
                a_claim_turns_waits_that_are_due_into_steps_in_their_order
                a_wait_that_is_not_among_the_open_ones_is_withdrawn
                a_wait_that_is_opened_again_counts_anew
                a_wait_that_ends_in_memory_is_recorded_in_its_place
                a_wait_ends_once
                failures_that_a_run_went_past_are_recorded_with_the_wait
                waits_outlive_a_failed_execution_and_a_release
                a_suspension_over_a_wait_that_is_due_is_claimed_at_once
                a_suspension_over_nothing_is_claimed_at_once
                a_suspension_counts_as_nothing
                a_suspension_records_steps_in_the_same_write
                a_stale_fence_opens_and_ends_no_wait
                a_run_that_ends_has_no_waits
                waits_of_another_run_are_not_touched
                an_unfinished_wait_keeps_its_delivery
            }
            completing {
                a_person_ends_a_wait_for_a_time_early
                what_a_person_says_is_what_the_run_gets
                a_wait_is_completed_once
                a_wait_that_is_over_or_unknown_is_not_completed
                a_run_that_executes_is_told_of_a_completed_wait
                the_waits_that_an_event_ended_are_known
            }
            meeting {
                an_event_wakes_the_run_that_waits_for_it
                an_event_of_another_name_or_content_ends_no_wait
                a_wait_for_a_source_takes_its_events_alone
                a_wait_for_several_names_takes_any
                an_event_before_the_wait_counts_if_it_is_younger_than_the_run
                an_event_ends_one_wait_of_a_run_at_most
                an_event_ends_the_waits_of_many_runs
                a_pending_event_ends_waits_when_it_is_sent
                an_event_of_a_step_ends_waits_with_it
                a_run_that_executes_is_told_that_its_wait_has_ended
                what_ended_a_wait_before_its_time_wins
                what_comes_after_its_time_is_too_late
                outcomes_are_recorded_in_the_order_in_which_they_came
                a_request_ends_a_wait_once
                a_wait_for_a_request_may_have_several_addresses
                an_answer_before_the_suspension_lets_the_run_go_on
                a_withdrawn_wait_gives_its_event_back
                a_cancelled_run_takes_no_answer
                a_token_goes_with_its_run
            }
            calling {
                a_call_is_stored_with_its_wait
                a_called_run_starts_at_once_where_a_place_is_free
                a_run_that_has_the_id_of_its_call_is_found_by_it
                a_caller_that_is_cancelled_takes_the_run_with_the_id_of_its_call_along
                who_waits_for_a_call_that_is_under_way_is_told
                the_end_of_a_called_run_ends_the_wait
                a_called_run_that_returns_nothing_returns_null
                a_called_run_that_goes_on_ends_no_wait
                every_end_of_a_called_run_is_told
                the_caller_of_a_replaced_run_is_told
                the_callers_of_a_batch_get_what_it_returned
                a_call_is_made_once
                a_call_with_a_key_waits_for_the_first_of_its_key
                a_delayed_call_is_waited_for
                the_caller_of_a_cancelled_call_is_told
                a_wait_for_a_called_run_ends_at_its_time
                a_cancelled_caller_cancels_what_it_waits_for
                who_shares_a_call_that_goes_with_its_caller_is_told
                a_cancelled_caller_leaves_what_others_called
                a_withdrawn_call_goes_on
                a_replay_of_a_called_run_ends_no_wait
                a_stale_fence_calls_nothing
                a_failed_call_is_made_again_by_a_retry
                a_run_that_is_tried_again_has_no_output
            }
            starting {
                a_call_that_starts_is_seen_as_a_run
                the_end_of_a_call_that_started_is_kept
                steps_of_a_call_that_started_are_kept
                a_wrong_fence_ends_no_call_that_started
                a_call_that_started_ends_in_every_way
                a_call_that_started_is_cancelled_and_tried_again
                a_call_that_started_is_given_back
                a_call_that_started_calls_and_waits
                the_hook_of_a_call_that_started_is_queued
                what_a_call_that_started_sends_is_sent_with_its_end
                many_calls_start_and_end_at_once
            }
            calls_alone {
                a_call_is_stored_whole_whatever_it_says
                the_hook_and_the_replay_of_a_call_get_the_call
                a_batch_is_made_of_calls
                calls_are_among_the_events
                calls_and_events_of_one_time_are_each_on_one_page
                old_calls_go_and_young_ones_stay
                many_old_calls_go_at_once
            }
            keeping {
                a_value_is_what_was_written_last
                scopes_and_keys_are_apart
                a_value_is_gone_at_its_time_and_not_before
                a_value_is_written_over_the_expected_one_alone
                of_many_that_expect_the_same_one_succeeds
                a_write_that_is_repeated_by_its_name_succeeds_again
                expired_values_and_those_of_runs_that_went_are_deleted
            }
            pruning {
                an_old_finished_delivery_goes_with_all_it_has
                an_unfinished_run_keeps_its_delivery
                a_call_goes_with_the_run_that_has_its_id
                a_young_delivery_stays
                a_run_that_ended_lately_keeps_its_delivery
                a_key_that_still_holds_keeps_its_delivery
                an_expired_key_goes
                many_go_at_once
            }
            sources {
                a_registration_is_kept_whole
                a_new_registration_takes_the_place_of_the_old_one
                a_note_is_kept_with_its_delivery
                a_registration_goes_with_its_secrets
                events_of_a_delivery_are_stored_with_it
            }
            secrets {
                a_secret_is_kept_for_its_owner
                of_two_first_secrets_one_is_kept
                an_old_secret_is_valid_for_a_time_and_goes
                a_secret_is_sealed_again_in_its_place
            }
            closing {
                a_flush_covers_what_was_sent_before
                a_closed_store_refuses_everything
                closing_writes_what_is_queued
            }
        }
    };
}

/// The tests of a store whose data outlives it.
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
macro_rules! conformance_over_restarts {
    ($engine:ty) => {
        $crate::store::conformance::cases! { $engine:
            flow_over_restarts {
                limits_and_order_hold_over_a_restart
                a_run_that_crashes_for_good_queues_its_hook
            }
            calling_over_restarts {
                a_call_outlives_restarts
                a_called_run_that_crashes_for_good_is_told
                a_caller_that_crashes_for_good_waits_for_nothing
            }
            starting_over_restarts {
                a_call_that_started_outlives_the_process
                a_call_that_kills_its_process_ends_at_its_limit
            }
            reopening {
                everything_is_there_again
                keys_hold_over_a_restart
                a_run_that_was_running_is_queued_with_a_crash
                crashes_end_a_run_at_its_limit
                progress_makes_crashes_count_from_zero
                failures_and_crashes_are_counted_apart
                a_released_run_has_not_crashed
                a_parked_run_is_tried_again
                a_run_that_waits_keeps_its_time
                a_fence_of_an_earlier_owner_is_stale
                logs_go_on_after_a_restart
                a_second_restart_counts_again
                events_hold_over_a_restart
                a_pending_event_waits_over_a_restart
                schedules_go_on_after_a_restart
            }
        }
    };
}

pub(crate) use {cases, conformance};

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
pub(crate) use conformance_over_restarts;

mod memory {
    crate::store::conformance::conformance!(crate::store::conformance::bed::Memory);
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod sqlite_file {
    crate::store::conformance::conformance!(crate::store::conformance::bed::SqliteFile);
    crate::store::conformance::conformance_over_restarts!(crate::store::conformance::bed::SqliteFile);
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod sqlite_memory {
    crate::store::conformance::conformance!(crate::store::conformance::bed::SqliteMemory);
}
