//! What jobs want of GitHub's events. Fields that are not here are in the
//! [`serde_json::Value`] that a job can take in place of these.

use serde::{Deserialize, Serialize};
use triggerfish::prelude::Payload;

/// Declares objects whose fields may be missing.
macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Payload)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $ty,)*
        }
    )*};
}

objects! {
    /// Something happened to an issue.
    IssuesEvent {
        /// `opened`, `closed`, `labeled` and so on.
        action: String,
        /// The issue.
        issue: Issue,
        /// The repository.
        repository: Repository,
        /// Who did it.
        sender: User,
    }

    /// Something happened to a pull request.
    PullRequestEvent {
        /// `opened`, `closed`, `synchronize` and so on.
        action: String,
        /// Its number.
        number: u64,
        /// The pull request.
        pull_request: PullRequest,
        /// The repository.
        repository: Repository,
        /// Who did it.
        sender: User,
    }

    /// Commits were pushed.
    PushEvent {
        /// The commit before.
        before: String,
        /// The commit after.
        after: String,
        /// What was pushed, at most 2048.
        commits: Vec<Commit>,
        /// Whether the branch is new.
        created: bool,
        /// Whether the branch is gone.
        deleted: bool,
        /// Whether history was rewritten.
        forced: bool,
        /// `refs/heads/main`.
        r#ref: String,
        /// The repository.
        repository: Repository,
        /// Who did it.
        sender: User,
    }

    /// Something happened to a release.
    ReleaseEvent {
        /// `published`, `created`, `edited` and so on.
        action: String,
        /// The release.
        release: Release,
        /// The repository.
        repository: Repository,
        /// Who did it.
        sender: User,
    }

    /// An issue.
    Issue {
        /// Its id.
        id: u64,
        /// Its number in the repository.
        number: u64,
        /// The title.
        title: String,
        /// The text.
        body: Option<String>,
        /// `open` or `closed`.
        state: String,
        /// The labels.
        labels: Vec<Label>,
        /// Who opened it.
        user: User,
        /// Its page.
        html_url: String,
    }

    /// A label.
    Label {
        /// Its name.
        name: String,
    }

    /// A pull request.
    PullRequest {
        /// Its id.
        id: u64,
        /// Its number in the repository.
        number: u64,
        /// The title.
        title: String,
        /// The text.
        body: Option<String>,
        /// `open` or `closed`.
        state: String,
        /// Whether it is not ready yet.
        draft: bool,
        /// Whether it was merged.
        merged: bool,
        /// How many lines it adds.
        additions: u64,
        /// How many lines it removes.
        deletions: u64,
        /// How many files it changes.
        changed_files: u64,
        /// Where it comes from.
        head: Branch,
        /// Where it goes.
        base: Branch,
        /// Who opened it.
        user: User,
        /// Its page.
        html_url: String,
    }

    /// A branch at a commit.
    Branch {
        /// Its name.
        r#ref: String,
        /// The commit.
        sha: String,
    }

    /// A commit.
    Commit {
        /// Its hash.
        id: String,
        /// What it says.
        message: String,
        /// When it was made.
        timestamp: String,
        /// Files that it adds.
        added: Vec<String>,
        /// Files that it removes.
        removed: Vec<String>,
        /// Files that it changes.
        modified: Vec<String>,
    }

    /// A release.
    Release {
        /// Its id.
        id: u64,
        /// Its tag.
        tag_name: String,
        /// Its name.
        name: Option<String>,
        /// Its text.
        body: Option<String>,
        /// Whether it is a draft.
        draft: bool,
        /// Whether it is not for everybody.
        prerelease: bool,
        /// Its page.
        html_url: String,
    }

    /// A repository.
    Repository {
        /// Its id.
        id: u64,
        /// Its name without the owner.
        name: String,
        /// `owner/name`.
        full_name: String,
        /// Whether it is private.
        private: bool,
        /// Its page.
        html_url: String,
    }

    /// A user.
    User {
        /// The id.
        id: u64,
        /// The name.
        login: String,
    }
}
