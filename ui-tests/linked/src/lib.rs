//! Endpoints and jobs that nothing refers to: each in a module of its own, one of them in a deeper one.

pub mod endpoints {
    //! Where requests come in.

    use triggerfish::prelude::*;

    /// One that a job names.
    #[http_endpoint(id = "linked-endpoint")]
    pub fn linked() -> Verifier {
        Verifier::calcom(env("LINKED_SECRET"))
    }

    /// One that nothing names.
    #[http_endpoint(id = "lonely-endpoint")]
    pub fn lonely() -> Verifier {
        Verifier::calcom(env("LINKED_SECRET"))
    }
}

mod jobs {
    mod deeper {
        use crate::endpoints::linked;
        use triggerfish::prelude::*;

        #[job(id = "linked-job", version = "1.0.0", trigger = linked)]
        async fn linked_job() {}
    }
}
