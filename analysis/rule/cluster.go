package rule

// What keeps a step from running on the cluster of the user, as it is now.
var (
	NoDataStore       = &Rule{Code: "MF830", Name: "data-store-not-usable", Severity: Error, Summary: "Pods need a data store that they reach.", FromCluster: true}
	NoCluster         = &Rule{Code: "MF831", Name: "cluster-not-usable", Severity: Error, Summary: "The cluster cannot be asked: kubeconfig, context, credentials or network.", FromCluster: true}
	NoPackage         = &Rule{Code: "MF832", Name: "kubernetes-package-missing", Severity: Error, Summary: "Python lacks a package with which Metaflow launches on Kubernetes.", FromCluster: true}
	NotPermitted      = &Rule{Code: "MF833", Name: "not-permitted", Severity: Error, Summary: "You may not do in the namespace what Metaflow does for each task.", FromCluster: true}
	UnknownNamespace  = &Rule{Code: "MF834", Name: "unknown-namespace", Severity: Error, Summary: "The cluster has no such namespace.", FromCluster: true}
	UnknownAccount    = &Rule{Code: "MF835", Name: "unknown-service-account", Severity: Error, Summary: "The namespace has no such service account.", FromCluster: true}
	UnknownSecret     = &Rule{Code: "MF836", Name: "unknown-secret", Severity: Error, Summary: "The namespace has no such secret.", FromCluster: true}
	UnknownClaim      = &Rule{Code: "MF837", Name: "unknown-volume-claim", Severity: Error, Summary: "The namespace has no such persistent volume claim.", FromCluster: true}
	UnknownPullSecret = &Rule{Code: "MF838", Name: "unknown-pull-secret", Severity: Info, Summary: "The namespace has no such secret to pull images with.", FromCluster: true}
	NoNodeLargeEnough = &Rule{Code: "MF839", Name: "no-node-large-enough", Severity: Warning, Summary: "No node of the cluster has what the step asks for.", FromCluster: true}
	NoNodeOpen        = &Rule{Code: "MF840", Name: "no-node-open", Severity: Warning, Summary: "No node has the labels that the step asks for, or all of them keep it away.", FromCluster: true}
	OverLimitRange    = &Rule{Code: "MF841", Name: "outside-limit-range", Severity: Error, Summary: "A limit range of the namespace does not allow what the step asks for.", FromCluster: true}
	OverQuota         = &Rule{Code: "MF842", Name: "above-quota", Severity: Error, Summary: "A quota of the namespace can never allow what the step asks for.", FromCluster: true}
	RefusedByCluster  = &Rule{Code: "MF843", Name: "refused-by-cluster", Severity: Error, Summary: "Kubernetes, or a rule of the cluster, would refuse the task.", FromCluster: true}
	NodeYetToCome     = &Rule{Code: "MF844", Name: "node-yet-to-come", Severity: Info, Summary: "No node of now takes the step, but the cluster adds nodes.", FromCluster: true}

	clusterRules = []*Rule{
		NoDataStore, NoCluster, NoPackage, NotPermitted, UnknownNamespace, UnknownAccount, UnknownSecret, UnknownClaim, UnknownPullSecret,
		NoNodeLargeEnough, NoNodeOpen, OverLimitRange, OverQuota, RefusedByCluster, NodeYetToCome,
	}
)
