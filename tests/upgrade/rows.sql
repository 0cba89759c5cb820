INSERT INTO "auth_group" ("id", "name") VALUES
(1, 'Viewer'),
(2, 'Operator'),
(3, 'Render admin'),
(4, 'Photo team');
INSERT INTO "auth_group_permissions" ("id", "group_id", "permission_id") VALUES
(1, 1, 64),
(2, 1, 69),
(3, 1, 135),
(4, 1, 73),
(5, 1, 140),
(6, 1, 78),
(7, 1, 82),
(8, 1, 88),
(9, 1, 92),
(10, 1, 98),
(11, 1, 102),
(12, 1, 106),
(13, 1, 110),
(14, 1, 48),
(15, 1, 114),
(16, 1, 52),
(17, 1, 118),
(18, 1, 56),
(19, 1, 122),
(20, 1, 60),
(21, 1, 126),
(22, 2, 135),
(23, 2, 136),
(24, 2, 137),
(25, 2, 139),
(26, 2, 140),
(27, 2, 141),
(28, 2, 45),
(29, 2, 46),
(30, 2, 48),
(31, 2, 49),
(32, 2, 50),
(33, 2, 52),
(34, 2, 56),
(35, 2, 60),
(36, 2, 64),
(37, 2, 69),
(38, 2, 73),
(39, 2, 78),
(40, 2, 82),
(41, 2, 83),
(42, 2, 84),
(43, 2, 88),
(44, 2, 89),
(45, 2, 90),
(46, 2, 92),
(47, 2, 93),
(49, 2, 98),
(50, 2, 102),
(51, 2, 106),
(52, 2, 110),
(53, 2, 114),
(54, 2, 118),
(55, 2, 122),
(56, 2, 126),
(57, 3, 45),
(58, 3, 46),
(59, 3, 47),
(60, 3, 48),
(61, 3, 49),
(62, 3, 50),
(63, 3, 51),
(64, 3, 52),
(65, 3, 53),
(66, 3, 54),
(67, 3, 55),
(68, 3, 56),
(69, 3, 57),
(70, 3, 58),
(71, 3, 59),
(72, 3, 60),
(73, 3, 61),
(74, 3, 62),
(75, 3, 63),
(76, 3, 64),
(77, 3, 65),
(78, 3, 66),
(79, 3, 67),
(80, 3, 68),
(81, 3, 69),
(82, 3, 70),
(83, 3, 71),
(84, 3, 72),
(85, 3, 73),
(86, 3, 74),
(87, 3, 75),
(88, 3, 76),
(89, 3, 77),
(90, 3, 78),
(91, 3, 79),
(92, 3, 80),
(93, 3, 81),
(94, 3, 82),
(95, 3, 83),
(96, 3, 84),
(97, 3, 85),
(98, 3, 86),
(99, 3, 87),
(100, 3, 88),
(101, 3, 89),
(102, 3, 90),
(103, 3, 91),
(104, 3, 92),
(105, 3, 93),
(106, 3, 94),
(107, 3, 95),
(108, 3, 96),
(109, 3, 97),
(110, 3, 98),
(111, 3, 99),
(112, 3, 100),
(113, 3, 101),
(114, 3, 102),
(115, 3, 103),
(116, 3, 104),
(117, 3, 105),
(118, 3, 106),
(119, 3, 107),
(120, 3, 108),
(121, 3, 109),
(122, 3, 110),
(123, 3, 111),
(124, 3, 112),
(125, 3, 113),
(126, 3, 114),
(127, 3, 115),
(128, 3, 116),
(129, 3, 117),
(130, 3, 118),
(131, 3, 119),
(132, 3, 120),
(133, 3, 121),
(134, 3, 122),
(135, 3, 123),
(136, 3, 124),
(137, 3, 125),
(138, 3, 126),
(139, 3, 127),
(140, 3, 128),
(141, 3, 129),
(142, 3, 130),
(143, 3, 131),
(144, 3, 132),
(145, 3, 133),
(146, 3, 134),
(147, 3, 135),
(148, 3, 136),
(149, 3, 137),
(150, 3, 138),
(151, 3, 139),
(152, 3, 140),
(153, 3, 141),
(154, 4, 96),
(155, 4, 135);
INSERT INTO "auth_permission" ("id", "content_type_id", "codename", "name") VALUES
(1, 1, 'add_logentry', 'Can add log entry'),
(2, 1, 'change_logentry', 'Can change log entry'),
(3, 1, 'delete_logentry', 'Can delete log entry'),
(4, 1, 'view_logentry', 'Can view log entry'),
(5, 2, 'add_permission', 'Can add permission'),
(6, 2, 'change_permission', 'Can change permission'),
(7, 2, 'delete_permission', 'Can delete permission'),
(8, 2, 'view_permission', 'Can view permission'),
(9, 3, 'add_group', 'Can add group'),
(10, 3, 'change_group', 'Can change group'),
(11, 3, 'delete_group', 'Can delete group'),
(12, 3, 'view_group', 'Can view group'),
(13, 4, 'add_user', 'Can add user'),
(14, 4, 'change_user', 'Can change user'),
(15, 4, 'delete_user', 'Can delete user'),
(16, 4, 'view_user', 'Can view user'),
(17, 5, 'add_contenttype', 'Can add content type'),
(18, 5, 'change_contenttype', 'Can change content type'),
(19, 5, 'delete_contenttype', 'Can delete content type'),
(20, 5, 'view_contenttype', 'Can view content type'),
(21, 6, 'add_session', 'Can add session'),
(22, 6, 'change_session', 'Can change session'),
(23, 6, 'delete_session', 'Can delete session'),
(24, 6, 'view_session', 'Can view session'),
(25, 7, 'add_schedule', 'Can add Scheduled task'),
(26, 7, 'change_schedule', 'Can change Scheduled task'),
(27, 7, 'delete_schedule', 'Can delete Scheduled task'),
(28, 7, 'view_schedule', 'Can view Scheduled task'),
(29, 8, 'add_task', 'Can add Task'),
(30, 8, 'change_task', 'Can change Task'),
(31, 8, 'delete_task', 'Can delete Task'),
(32, 8, 'view_task', 'Can view Task'),
(33, 9, 'add_failure', 'Can add Failed task'),
(34, 9, 'change_failure', 'Can change Failed task'),
(35, 9, 'delete_failure', 'Can delete Failed task'),
(36, 9, 'view_failure', 'Can view Failed task'),
(37, 10, 'add_success', 'Can add Successful task'),
(38, 10, 'change_success', 'Can change Successful task'),
(39, 10, 'delete_success', 'Can delete Successful task'),
(40, 10, 'view_success', 'Can view Successful task'),
(41, 11, 'add_ormq', 'Can add Queued task'),
(42, 11, 'change_ormq', 'Can change Queued task'),
(43, 11, 'delete_ormq', 'Can delete Queued task'),
(44, 11, 'view_ormq', 'Can view Queued task'),
(45, 12, 'add_cadfile', 'Can add CAD file'),
(46, 12, 'change_cadfile', 'Can change CAD file'),
(47, 12, 'delete_cadfile', 'Can delete CAD file'),
(48, 12, 'view_cadfile', 'Can view CAD file'),
(49, 13, 'add_product', 'Can add product'),
(50, 13, 'change_product', 'Can change product'),
(51, 13, 'delete_product', 'Can delete product'),
(52, 13, 'view_product', 'Can view product'),
(53, 14, 'add_mediaasset', 'Can add media asset'),
(54, 14, 'change_mediaasset', 'Can change media asset'),
(55, 14, 'delete_mediaasset', 'Can delete media asset'),
(56, 14, 'view_mediaasset', 'Can view media asset'),
(57, 15, 'add_gpudevice', 'Can add GPU'),
(58, 15, 'change_gpudevice', 'Can change GPU'),
(59, 15, 'delete_gpudevice', 'Can delete GPU'),
(60, 15, 'view_gpudevice', 'Can view GPU'),
(61, 16, 'add_gpuprobe', 'Can add GPU probe'),
(62, 16, 'change_gpuprobe', 'Can change GPU probe'),
(63, 16, 'delete_gpuprobe', 'Can delete GPU probe'),
(64, 16, 'view_gpuprobe', 'Can view GPU probe'),
(65, 16, 'probe_gpu', 'Can probe GPUs'),
(66, 17, 'add_systemsettings', 'Can add system settings'),
(67, 17, 'change_systemsettings', 'Can change system settings'),
(68, 17, 'delete_systemsettings', 'Can delete system settings'),
(69, 17, 'view_systemsettings', 'Can view system settings'),
(70, 18, 'add_worker', 'Can add worker'),
(71, 18, 'change_worker', 'Can change worker'),
(72, 18, 'delete_worker', 'Can delete worker'),
(73, 18, 'view_worker', 'Can view worker'),
(74, 19, 'pause_queue', 'Can pause and resume queues'),
(75, 20, 'add_workflow', 'Can add workflow'),
(76, 20, 'change_workflow', 'Can change workflow'),
(77, 20, 'delete_workflow', 'Can delete workflow'),
(78, 20, 'view_workflow', 'Can view workflow'),
(79, 21, 'add_job', 'Can add job'),
(80, 21, 'change_job', 'Can change job'),
(81, 21, 'delete_job', 'Can delete job'),
(82, 21, 'view_job', 'Can view job'),
(83, 21, 'cancel_job', 'Can cancel jobs'),
(84, 21, 'retry_job', 'Can retry jobs'),
(85, 22, 'add_attempt', 'Can add attempt'),
(86, 22, 'change_attempt', 'Can change attempt'),
(87, 22, 'delete_attempt', 'Can delete attempt'),
(88, 22, 'view_attempt', 'Can view attempt'),
(89, 23, 'add_order', 'Can add order'),
(90, 23, 'change_order', 'Can change order'),
(91, 23, 'delete_order', 'Can delete order'),
(92, 23, 'view_order', 'Can view order'),
(93, 23, 'prioritise_order', 'Can change the priority of orders'),
(94, 23, 'pause_order', 'Can pause and resume orders'),
(95, 24, 'add_outputtype', 'Can add output type'),
(96, 24, 'change_outputtype', 'Can change output type'),
(97, 24, 'delete_outputtype', 'Can delete output type'),
(98, 24, 'view_outputtype', 'Can view output type'),
(99, 25, 'add_workflowstep', 'Can add workflow step'),
(100, 25, 'change_workflowstep', 'Can change workflow step'),
(101, 25, 'delete_workflowstep', 'Can delete workflow step'),
(102, 25, 'view_workflowstep', 'Can view workflow step'),
(103, 26, 'add_orderline', 'Can add order line'),
(104, 26, 'change_orderline', 'Can change order line'),
(105, 26, 'delete_orderline', 'Can delete order line'),
(106, 26, 'view_orderline', 'Can view order line'),
(107, 27, 'add_environment', 'Can add panorama'),
(108, 27, 'change_environment', 'Can change panorama'),
(109, 27, 'delete_environment', 'Can delete panorama'),
(110, 27, 'view_environment', 'Can view panorama'),
(111, 28, 'add_finish', 'Can add finish'),
(112, 28, 'change_finish', 'Can change finish'),
(113, 28, 'delete_finish', 'Can delete finish'),
(114, 28, 'view_finish', 'Can view finish'),
(115, 29, 'add_materialrule', 'Can add material rule'),
(116, 29, 'change_materialrule', 'Can change material rule'),
(117, 29, 'delete_materialrule', 'Can delete material rule'),
(118, 29, 'view_materialrule', 'Can view material rule'),
(119, 30, 'add_newschoice', 'Can add news choice'),
(120, 30, 'change_newschoice', 'Can change news choice'),
(121, 30, 'delete_newschoice', 'Can delete news choice'),
(122, 30, 'view_newschoice', 'Can view news choice'),
(123, 31, 'add_notification', 'Can add notification'),
(124, 31, 'change_notification', 'Can change notification'),
(125, 31, 'delete_notification', 'Can delete notification'),
(126, 31, 'view_notification', 'Can view notification'),
(127, 32, 'add_webhook', 'Can add webhook'),
(128, 32, 'change_webhook', 'Can change webhook'),
(129, 32, 'delete_webhook', 'Can delete webhook'),
(130, 32, 'view_webhook', 'Can view webhook'),
(131, 33, 'add_rolegrant', 'Can add role grant'),
(132, 33, 'change_rolegrant', 'Can change role grant'),
(133, 33, 'delete_rolegrant', 'Can delete role grant'),
(134, 33, 'view_rolegrant', 'Can view role grant'),
(135, 34, 'view_reports', 'Can view reports'),
(136, 35, 'add_sharelink', 'Can add share link'),
(137, 35, 'change_sharelink', 'Can change share link'),
(138, 35, 'delete_sharelink', 'Can delete share link'),
(139, 35, 'view_sharelink', 'Can view share link'),
(140, 36, 'view_historyentry', 'Can view entry'),
(141, 36, 'see_everybody', 'Can see what other people did');
INSERT INTO "auth_user" ("id", "password", "last_login", "is_superuser", "username", "last_name", "email", "is_staff", "is_active", "date_joined", "first_name") VALUES
(1, 'pbkdf2_sha256$1000000$HL7fpBLymWnybYAVYnJKUD$LDeZdU4R9gDcEpYYzjKMtPtoakxVExsC9hgTUMgLZZU=', NULL, TRUE, 'mara', '', 'mara@example.com', TRUE, TRUE, '2026-11-29 14:50:54.285055', ''),
(2, 'pbkdf2_sha256$1000000$L5FA803LDObgBuKDH8Q03m$Ctsxj9qTH684xdz7oPLWFQyciioqJOv8Huj5RDbon0Q=', NULL, FALSE, 'olga', '', 'olga@example.com', TRUE, TRUE, '2026-11-29 14:50:54.586229', ''),
(3, 'pbkdf2_sha256$1000000$zyHfT6SSjd7mp4sEoGXqpi$v4iOAN3W6DAHzd92Y6lpH+PsbQrJbjY5JP2Pb5RO5KI=', NULL, FALSE, 'viktor', '', '', TRUE, TRUE, '2026-11-29 14:50:54.812825', 'Viktor');
INSERT INTO "auth_user_groups" ("id", "user_id", "group_id") VALUES
(1, 2, 2),
(2, 2, 4),
(3, 3, 1);
INSERT INTO "django_content_type" ("id", "app_label", "model") VALUES
(1, 'admin', 'logentry'),
(2, 'auth', 'permission'),
(3, 'auth', 'group'),
(4, 'auth', 'user'),
(5, 'contenttypes', 'contenttype'),
(6, 'sessions', 'session'),
(7, 'django_q', 'schedule'),
(8, 'django_q', 'task'),
(9, 'django_q', 'failure'),
(10, 'django_q', 'success'),
(11, 'django_q', 'ormq'),
(12, 'media_assets', 'cadfile'),
(13, 'media_assets', 'product'),
(14, 'media_assets', 'mediaasset'),
(15, 'gpu', 'gpudevice'),
(16, 'gpu', 'gpuprobe'),
(17, 'gpu', 'systemsettings'),
(18, 'gpu', 'worker'),
(19, 'gpu', 'queuepause'),
(20, 'rendering', 'workflow'),
(21, 'rendering', 'job'),
(22, 'rendering', 'attempt'),
(23, 'rendering', 'order'),
(24, 'rendering', 'outputtype'),
(25, 'rendering', 'workflowstep'),
(26, 'rendering', 'orderline'),
(27, 'rendering', 'environment'),
(28, 'rendering', 'finish'),
(29, 'rendering', 'materialrule'),
(30, 'rendering', 'newschoice'),
(31, 'rendering', 'notification'),
(32, 'rendering', 'webhook'),
(33, 'rendering', 'rolegrant'),
(34, 'rendering', 'reports'),
(35, 'rendering', 'sharelink'),
(36, 'rendering', 'historyentry'),
(37, 'rendering', 'historysubject'),
(38, 'rendering', 'orderstep'),
(39, 'rendering', 'workflowversion');
INSERT INTO "django_migrations" ("id", "app", "name", "applied") VALUES
(1, 'contenttypes', '0001_initial', '2026-11-29 14:50:50.575282'),
(2, 'auth', '0001_initial', '2026-11-29 14:50:50.590764'),
(3, 'admin', '0001_initial', '2026-11-29 14:50:50.595661'),
(4, 'admin', '0002_logentry_remove_auto_add', '2026-11-29 14:50:50.602068'),
(5, 'admin', '0003_logentry_add_action_flag_choices', '2026-11-29 14:50:50.606067'),
(6, 'contenttypes', '0002_remove_content_type_name', '2026-11-29 14:50:50.615749'),
(7, 'auth', '0002_alter_permission_name_max_length', '2026-11-29 14:50:50.622908'),
(8, 'auth', '0003_alter_user_email_max_length', '2026-11-29 14:50:50.628628'),
(9, 'auth', '0004_alter_user_username_opts', '2026-11-29 14:50:50.632848'),
(10, 'auth', '0005_alter_user_last_login_null', '2026-11-29 14:50:50.637951'),
(11, 'auth', '0006_require_contenttypes_0002', '2026-11-29 14:50:50.638343'),
(12, 'auth', '0007_alter_validators_add_error_messages', '2026-11-29 14:50:50.641701'),
(13, 'auth', '0008_alter_user_username_max_length', '2026-11-29 14:50:50.646557'),
(14, 'auth', '0009_alter_user_last_name_max_length', '2026-11-29 14:50:50.652224'),
(15, 'auth', '0010_alter_group_name_max_length', '2026-11-29 14:50:50.657154'),
(16, 'auth', '0011_update_proxy_permissions', '2026-11-29 14:50:50.661761'),
(17, 'auth', '0012_alter_user_first_name_max_length', '2026-11-29 14:50:50.666566'),
(18, 'django_q', '0001_initial', '2026-11-29 14:50:50.669169'),
(19, 'django_q', '0002_auto_20150630_1624', '2026-11-29 14:50:50.673527'),
(20, 'django_q', '0003_auto_20150708_1326', '2026-11-29 14:50:50.681194'),
(21, 'django_q', '0004_auto_20150710_1043', '2026-11-29 14:50:50.683448'),
(22, 'django_q', '0005_auto_20150718_1506', '2026-11-29 14:50:50.686144'),
(23, 'django_q', '0006_auto_20150805_1817', '2026-11-29 14:50:50.688224'),
(24, 'django_q', '0007_ormq', '2026-11-29 14:50:50.689119'),
(25, 'django_q', '0008_auto_20160224_1026', '2026-11-29 14:50:50.690092'),
(26, 'django_q', '0009_auto_20171009_0915', '2026-11-29 14:50:50.692889'),
(27, 'django_q', '0010_auto_20200610_0856', '2026-11-29 14:50:50.701237'),
(28, 'django_q', '0011_auto_20200628_1055', '2026-11-29 14:50:50.703426'),
(29, 'django_q', '0012_auto_20200702_1608', '2026-11-29 14:50:50.704633'),
(30, 'django_q', '0013_task_attempt_count', '2026-11-29 14:50:50.707366'),
(31, 'django_q', '0014_schedule_cluster', '2026-11-29 14:50:50.708746'),
(32, 'django_q', '0015_alter_schedule_schedule_type', '2026-11-29 14:50:50.711302'),
(33, 'django_q', '0016_schedule_intended_date_kwarg', '2026-11-29 14:50:50.712655'),
(34, 'django_q', '0017_task_cluster_alter', '2026-11-29 14:50:50.716246'),
(35, 'django_q', '0018_task_success_index', '2026-11-29 14:50:50.717860'),
(36, 'django_q', '0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more', '2026-11-29 14:50:50.786484'),
(37, 'gpu', '0001_initial', '2026-11-29 14:50:50.795834'),
(38, 'gpu', '0002_probes_and_lost_gpus', '2026-11-29 14:50:50.829720'),
(39, 'gpu', '0003_worker_gpu', '2026-11-29 14:50:50.838380'),
(40, 'gpu', '0004_keeps_light_gpu', '2026-11-29 14:50:50.850778'),
(41, 'gpu', '0005_out_of_service', '2026-11-29 14:50:50.860829'),
(42, 'gpu', '0006_queue_pause', '2026-11-29 14:50:50.861923'),
(43, 'media_assets', '0001_initial', '2026-11-29 14:50:50.968536'),
(44, 'media_assets', '0002_reading_options', '2026-11-29 14:50:51.050658'),
(45, 'media_assets', '0003_cad_document', '2026-11-29 14:50:51.055577'),
(46, 'media_assets', '0004_film_poster', '2026-11-29 14:50:51.065017'),
(47, 'media_assets', '0005_tree_key', '2026-11-29 14:50:51.112479'),
(48, 'media_assets', '0006_product_pause', '2026-11-29 14:50:51.190812'),
(49, 'media_assets', '0007_made_on', '2026-11-29 14:50:51.236131'),
(50, 'media_assets', '0008_standing', '2026-11-29 14:50:51.274271'),
(51, 'media_assets', '0009_long_lists', '2026-11-29 14:50:51.328568'),
(52, 'rendering', '0001_initial', '2026-11-29 14:50:51.706113'),
(53, 'rendering', '0002_default_output_types', '2026-11-29 14:50:51.731118'),
(54, 'rendering', '0003_job_reuse', '2026-11-29 14:50:51.766991'),
(55, 'rendering', '0004_job_device_and_avoid', '2026-11-29 14:50:51.813176'),
(56, 'rendering', '0005_pictures', '2026-11-29 14:50:52.059218'),
(57, 'rendering', '0006_job_fallback_index', '2026-11-29 14:50:52.071192'),
(58, 'rendering', '0007_order_desk', '2026-11-29 14:50:52.150568'),
(59, 'rendering', '0008_materials', '2026-11-29 14:50:52.169178'),
(60, 'rendering', '0009_default_materials', '2026-11-29 14:50:52.323645'),
(61, 'rendering', '0010_turntables', '2026-11-29 14:50:52.373934'),
(62, 'rendering', '0011_avif_is_lossy', '2026-11-29 14:50:52.444525'),
(63, 'rendering', '0012_news', '2026-11-29 14:50:52.588922'),
(64, 'rendering', '0013_orders_that_ended', '2026-11-29 14:50:52.612240'),
(65, 'rendering', '0014_roles', '2026-11-29 14:50:52.637170'),
(66, 'rendering', '0015_reports_permission', '2026-11-29 14:50:52.638657'),
(67, 'rendering', '0016_share_links', '2026-11-29 14:50:52.662420'),
(68, 'rendering', '0017_less_noise', '2026-11-29 14:50:52.709465'),
(69, 'rendering', '0018_history', '2026-11-29 14:50:53.026714'),
(70, 'rendering', '0019_workflow_versions', '2026-11-29 14:50:53.949777'),
(71, 'rendering', '0020_standing', '2026-11-29 14:50:53.993731'),
(72, 'rendering', '0021_long_lists', '2026-11-29 14:50:54.139903'),
(73, 'rendering', '0022_names', '2026-11-29 14:50:54.168853'),
(74, 'sessions', '0001_initial', '2026-11-29 14:50:54.171530');
INSERT INTO "django_q_schedule" ("id", "func", "hook", "args", "kwargs", "repeats", "next_run", "task", "name", "minutes", "cron", "cluster", "schedule_type", "intended_date_kwarg") VALUES
(1, 'rendering.tasks.reap', NULL, NULL, NULL, -1, '2026-11-29 14:50:54.260909', NULL, 'renderdesk: reap', 1, NULL, NULL, 'I', NULL),
(2, 'rendering.tasks.look_for_news', NULL, NULL, NULL, -1, '2026-11-29 14:50:54.261659', NULL, 'renderdesk: news', 1, NULL, NULL, 'I', NULL);
INSERT INTO "gpu_gpudevice" ("id", "host", "backend", "vendor_id", "name", "memory_mb", "driver", "enabled", "serves_heavy", "serves_light", "queue", "last_seen", "cycles_id", "lost_at", "ordinal", "pci_address", "looked_at", "out_of_service") VALUES
(1, 'render1', 'OPTIX', 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11', 'NVIDIA GeForce RTX 4090', 24564, '560.35.03', TRUE, TRUE, TRUE, 'big_one', '2026-11-29 14:51:02.240640', 'CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX', NULL, 0, '0000:01:00', NULL, '{}'),
(2, 'render1', 'OPTIX', 'GPU-1b2c3d4e-0a0b-1c1d-2e2f-3a3b4c4d5e5f', 'NVIDIA GeForce RTX 3060', 12288, '560.35.03', TRUE, FALSE, TRUE, '', '2026-11-29 14:51:02.240640', 'CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX', NULL, 1, '0000:41:00', NULL, '{}');
INSERT INTO "gpu_gpuprobe" ("id", "trigger", "host", "state", "result", "error", "created", "started", "finished", "requested_by_id", "runner") VALUES
(1, 'command', 'render1', 'succeeded', '{"host": "render1", "at": "2026-11-29T14:51:02+00:00", "seconds": 0.19, "blender_version": "4.5.15", "backends": [{"backend": "OPTIX", "state": "ok", "words": "finds 2 GPUs", "seconds": 0.1, "found": [{"name": "NVIDIA GeForce RTX 4090", "id": "CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX", "type": "OPTIX"}, {"name": "NVIDIA GeForce RTX 3060", "id": "CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX", "type": "OPTIX"}], "tail": ["device.cpp:80] Added device \"NVIDIA GeForce RTX 4090\" with id \"CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX\".", "device.cpp:80] Added device \"NVIDIA GeForce RTX 3060\" with id \"CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX\"."]}, {"backend": "CUDA", "state": "ok", "words": "finds 2 GPUs", "seconds": 0.13, "found": [{"name": "NVIDIA GeForce RTX 4090", "id": "CUDA_NVIDIA GeForce RTX 4090_0000:01:00", "type": "CUDA"}, {"name": "NVIDIA GeForce RTX 3060", "id": "CUDA_NVIDIA GeForce RTX 3060_0000:41:00", "type": "CUDA"}], "tail": ["device.cpp:162] Added device \"NVIDIA GeForce RTX 4090\" with id \"CUDA_NVIDIA GeForce RTX 4090_0000:01:00\".", "device.cpp:162] Added device \"NVIDIA GeForce RTX 3060\" with id \"CUDA_NVIDIA GeForce RTX 3060_0000:41:00\"."]}, {"backend": "HIP", "state": "none", "words": "finds no GPU", "seconds": 0.13, "found": [], "tail": ["device.cpp:70] HIPEW initialization failed: Error opening HIP dynamic library"]}, {"backend": "ONEAPI", "state": "none", "words": "finds no GPU", "seconds": 0.13, "found": [], "tail": []}], "devices": [{"backend": "OPTIX", "vendor_id": "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11", "name": "NVIDIA GeForce RTX 4090", "cycles_id": "CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX", "ordinal": 0, "pci": "0000:01:00", "memory_mb": 24564, "driver": "560.35.03", "backends": ["OPTIX", "CUDA"]}, {"backend": "OPTIX", "vendor_id": "GPU-1b2c3d4e-0a0b-1c1d-2e2f-3a3b4c4d5e5f", "name": "NVIDIA GeForce RTX 3060", "cycles_id": "CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX", "ordinal": 1, "pci": "0000:41:00", "memory_mb": 12288, "driver": "560.35.03", "backends": ["OPTIX", "CUDA"]}], "notes": [], "cache_warning": "", "caches": [{"name": "optix", "path": "/var/lib/renderdesk/cache/kernels/optix", "bytes": 0, "files": 0, "written": ""}, {"name": "cuda", "path": "/var/lib/renderdesk/cache/kernels/cuda", "bytes": 0, "files": 0, "written": ""}, {"name": "comgr", "path": "/var/lib/renderdesk/cache/kernels/comgr", "bytes": 0, "files": 0, "written": ""}, {"name": "sycl", "path": "/var/lib/renderdesk/cache/kernels/sycl", "bytes": 0, "files": 0, "written": ""}, {"name": "xdg", "path": "/var/lib/renderdesk/cache/kernels/xdg", "bytes": 0, "files": 0, "written": ""}, {"name": "blender", "path": "/var/lib/renderdesk/cache/kernels/blender", "bytes": 121, "files": 1, "written": "2026-11-29T14:50:58+00:00"}], "kernels": [{"vendor_id": "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11", "name": "NVIDIA GeForce RTX 4090", "state": "cold", "words": "nothing was compiled here yet", "stamp": null}, {"vendor_id": "GPU-1b2c3d4e-0a0b-1c1d-2e2f-3a3b4c4d5e5f", "name": "NVIDIA GeForce RTX 3060", "state": "cold", "words": "nothing was compiled here yet", "stamp": null}]}', '', '2026-11-29 14:51:02.052728', '2026-11-29 14:51:02.052655', '2026-11-29 14:51:02.240640', NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845'),
(2, 'operator', 'render2', 'failed', NULL, 'The driver did not answer.', '2026-11-29 14:51:02.278808', NULL, '2026-11-29 14:51:02.284726', 1, 'render2:b:1:1'),
(3, 'schedule', 'render2', 'requested', NULL, '', '2026-11-29 14:51:02.284954', NULL, NULL, NULL, '');
INSERT INTO "gpu_queuepause" ("id", "queue", "by", "since") VALUES
(1, 'asset_pipeline_light', 'mara', '2026-11-29 14:51:02.278372');
INSERT INTO "gpu_systemsettings" ("id", "cycles_device", "gpu_probe_last_result", "gpu_probe_last_at", "probe_interval_minutes", "light_lane_max_px", "tessellation_wall_seconds", "tessellation_memory_mb", "render_wall_seconds", "render_memory_mb", "hang_seconds", "session_jobs", "session_memory_mb", "upload_max_mb", "disk_floor_mb", "keeps_light_gpu") VALUES
(1, 'auto', '{"hosts": {"render1": {"host": "render1", "at": "2026-11-29T14:51:02+00:00", "seconds": 0.19, "blender_version": "4.5.15", "backends": [{"backend": "OPTIX", "state": "ok", "words": "finds 2 GPUs", "seconds": 0.1, "found": [{"name": "NVIDIA GeForce RTX 4090", "id": "CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX", "type": "OPTIX"}, {"name": "NVIDIA GeForce RTX 3060", "id": "CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX", "type": "OPTIX"}], "tail": ["device.cpp:80] Added device \"NVIDIA GeForce RTX 4090\" with id \"CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX\".", "device.cpp:80] Added device \"NVIDIA GeForce RTX 3060\" with id \"CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX\"."]}, {"backend": "CUDA", "state": "ok", "words": "finds 2 GPUs", "seconds": 0.13, "found": [{"name": "NVIDIA GeForce RTX 4090", "id": "CUDA_NVIDIA GeForce RTX 4090_0000:01:00", "type": "CUDA"}, {"name": "NVIDIA GeForce RTX 3060", "id": "CUDA_NVIDIA GeForce RTX 3060_0000:41:00", "type": "CUDA"}], "tail": ["device.cpp:162] Added device \"NVIDIA GeForce RTX 4090\" with id \"CUDA_NVIDIA GeForce RTX 4090_0000:01:00\".", "device.cpp:162] Added device \"NVIDIA GeForce RTX 3060\" with id \"CUDA_NVIDIA GeForce RTX 3060_0000:41:00\"."]}, {"backend": "HIP", "state": "none", "words": "finds no GPU", "seconds": 0.13, "found": [], "tail": ["device.cpp:70] HIPEW initialization failed: Error opening HIP dynamic library"]}, {"backend": "ONEAPI", "state": "none", "words": "finds no GPU", "seconds": 0.13, "found": [], "tail": []}], "devices": [{"backend": "OPTIX", "vendor_id": "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11", "name": "NVIDIA GeForce RTX 4090", "cycles_id": "CUDA_NVIDIA GeForce RTX 4090_0000:01:00_OptiX", "ordinal": 0, "pci": "0000:01:00", "memory_mb": 24564, "driver": "560.35.03", "backends": ["OPTIX", "CUDA"]}, {"backend": "OPTIX", "vendor_id": "GPU-1b2c3d4e-0a0b-1c1d-2e2f-3a3b4c4d5e5f", "name": "NVIDIA GeForce RTX 3060", "cycles_id": "CUDA_NVIDIA GeForce RTX 3060_0000:41:00_OptiX", "ordinal": 1, "pci": "0000:41:00", "memory_mb": 12288, "driver": "560.35.03", "backends": ["OPTIX", "CUDA"]}], "notes": [], "cache_warning": "", "caches": [{"name": "optix", "path": "/var/lib/renderdesk/cache/kernels/optix", "bytes": 0, "files": 0, "written": ""}, {"name": "cuda", "path": "/var/lib/renderdesk/cache/kernels/cuda", "bytes": 0, "files": 0, "written": ""}, {"name": "comgr", "path": "/var/lib/renderdesk/cache/kernels/comgr", "bytes": 0, "files": 0, "written": ""}, {"name": "sycl", "path": "/var/lib/renderdesk/cache/kernels/sycl", "bytes": 0, "files": 0, "written": ""}, {"name": "xdg", "path": "/var/lib/renderdesk/cache/kernels/xdg", "bytes": 0, "files": 0, "written": ""}, {"name": "blender", "path": "/var/lib/renderdesk/cache/kernels/blender", "bytes": 121, "files": 1, "written": "2026-11-29T14:50:58+00:00"}], "kernels": [{"vendor_id": "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11", "name": "NVIDIA GeForce RTX 4090", "state": "cold", "words": "nothing was compiled here yet", "stamp": null}, {"vendor_id": "GPU-1b2c3d4e-0a0b-1c1d-2e2f-3a3b4c4d5e5f", "name": "NVIDIA GeForce RTX 3060", "state": "cold", "words": "nothing was compiled here yet", "stamp": null}]}}}', '2026-11-29 14:51:02.240640', 45, 1024, 900, 8192, 14400, 16384, 600, 200, 6144, 2048, 512, TRUE);
INSERT INTO "gpu_worker" ("id", "identity", "host", "pid", "queue", "device", "started", "heartbeat", "kicked", "busy_with", "drain_until", "gpu") VALUES
(1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'render1', 306, 'asset_pipeline_cpu', '', '2026-11-29 14:50:57.633621', '2026-11-29 14:51:01.834890', '2026-11-29 14:51:01.832763', '', NULL, '');
INSERT INTO "media_assets_cadfile" ("id", "sha256", "file", "original_name", "bytes", "format", "schema", "unit", "size_mm", "parts", "instances", "triangles", "tree", "report", "state", "error_code", "error", "created", "uploaded_by_id", "code_page", "stated_unit", "tree_key") VALUES
(1, '4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33', 'cad/47/4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33.step', 'tapered_roller_bearing.step', 576329, 'step', 'AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }', 'millimetre', '[71.9966, 71.9916, 20.75]', 4, 23, 104020, '{"name": "Kegelrollenlager 30x72 Gr\u00f6\u00dfe 306", "product": "Kegelrollenlager 30x72 Gr\u00f6\u00dfe 306", "part_key": "/", "children": [{"name": "Innenring", "product": "Innenring", "part_key": "/Innenring", "colors": ["#B2B5B8"]}, {"name": "Au\u00dfenring", "product": "Au\u00dfenring", "part_key": "/Au\u00dfenring", "colors": ["#B2B5B8"]}, {"name": "Rollenkranz", "product": "Rollenkranz", "part_key": "/Rollenkranz", "children": [{"name": "K\u00e4fig", "product": "K\u00e4fig", "part_key": "/Rollenkranz/K\u00e4fig", "colors": ["#C29954"]}, {"name": "Kegelrolle 01", "product": "Kegelrolle", "part_key": "/Rollenkranz/Kegelrolle 01", "colors": ["#CCCFD4"], "count": 20, "keys": ["/Rollenkranz/Kegelrolle 01", "/Rollenkranz/Kegelrolle 02", "/Rollenkranz/Kegelrolle 03", "/Rollenkranz/Kegelrolle 04", "/Rollenkranz/Kegelrolle 05", "/Rollenkranz/Kegelrolle 06", "/Rollenkranz/Kegelrolle 07", "/Rollenkranz/Kegelrolle 08", "/Rollenkranz/Kegelrolle 09", "/Rollenkranz/Kegelrolle 10", "/Rollenkranz/Kegelrolle 11", "/Rollenkranz/Kegelrolle 12", "/Rollenkranz/Kegelrolle 13", "/Rollenkranz/Kegelrolle 14", "/Rollenkranz/Kegelrolle 15", "/Rollenkranz/Kegelrolle 16", "/Rollenkranz/Kegelrolle 17", "/Rollenkranz/Kegelrolle 18", "/Rollenkranz/Kegelrolle 19", "/Rollenkranz/Kegelrolle 20"]}]}]}', '{"version": 1, "format": "step", "schema": "AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }", "protocol": "AP214", "originating_system": "Renderdesk samples/make_bearing.py", "preprocessor": "Open CASCADE STEP processor 8.0", "unit": "millimetre", "size_mm": [71.9966, 71.9916, 20.75], "box_mm": {"low": [-35.9966, -35.9958, 0.0], "high": [36.0, 35.9958, 20.75]}, "free_roots": 1, "assemblies": 2, "parts": 4, "instances": 23, "meshes": 4, "solids": 4, "solids_placed": 23, "faces": 203, "faces_placed": 374, "free_surfaces": 0, "unmeshed_faces": 0, "triangles": 104020, "triangles_placed": 357708, "names": ["Au\u00dfenring", "Innenring", "Kegelrolle", "Kegelrolle 01", "Kegelrolle 02", "Kegelrolle 03", "Kegelrolle 04", "Kegelrolle 05", "Kegelrolle 06", "Kegelrolle 07", "Kegelrolle 08", "Kegelrolle 09", "Kegelrolle 10", "Kegelrolle 11", "Kegelrolle 12", "Kegelrolle 13", "Kegelrolle 14", "Kegelrolle 15", "Kegelrolle 16", "Kegelrolle 17", "Kegelrolle 18", "Kegelrolle 19", "Kegelrolle 20", "Kegelrollenlager 30x72 Gr\u00f6\u00dfe 306", "K\u00e4fig", "Rollenkranz"], "colors": ["#B2B5B8", "#C29954", "#CCCFD4"], "materials": [], "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "warnings": [], "code_page": {"used": "utf-8", "how": "utf-8", "sure": true}, "reader_notes": 0, "area_mm2": 28524.398, "volume_mm3": 53775.634, "found": {"names": 26, "colors": 3}, "kept": {"names": 26, "colors": 3}, "bytes": {"geometry.glb": 2094916, "master.usdc": 1820151}, "seconds": {"prescan": 0.0437, "read": 0.0466, "transfer": 0.1255, "keep": 0.0114, "tree": 0.0061, "mesh": 0.2356, "triangles": 0.1501, "glb": 0.0151, "check": 0.0324, "usd": 0.0297, "report": 0.0015}, "peak_mb": 258, "stage_peak_mb": {"prescan": 187, "read": 197, "transfer": 212, "keep": 214, "tree": 219, "mesh": 227, "triangles": 240, "glb": 236, "check": 238, "usd": 258, "report": 258}, "document": {"reused": false, "kept": true, "why": ""}}', 'ready', '', '', '2026-11-29 14:50:55.339797', 2, '', '', 'c897cbe7d0a35cbc645365fb0361f48431f5fff28efd9aa47f319a9439e8e334'),
(2, 'd88438db49fe3c3355df5edf6260d6965a90077675494128e21c9d88fc7f68c1', 'cad/d8/d88438db49fe3c3355df5edf6260d6965a90077675494128e21c9d88fc7f68c1.step', 'broken.step', 75, 'step', '', '', NULL, NULL, NULL, NULL, '{}', '{}', 'failed', 'truncated', 'The STEP file ends too early: its end mark (END-ISO-10303-21) is missing, so a part of the product may be missing as well. Export or upload it again.', '2026-11-29 14:50:55.432308', 2, '', '', ''),
(3, '55648e8b6b957d5cab99d73c9bf488e8da84a4e0bb6842a94d0f5d737927d9e8', 'cad/55/55648e8b6b957d5cab99d73c9bf488e8da84a4e0bb6842a94d0f5d737927d9e8.stl', 'cube.stl', 1271, 'stl', '', '', NULL, NULL, NULL, NULL, '{}', '{}', 'failed', 'unit_unknown', 'STL files do not say what their numbers are, so the size of the product is not known. State the length unit in the upload form, under “Reading options” on the CAD file''s page, or with ''import_cad --unit''.', '2026-11-29 14:50:55.444178', 2, '', '', ''),
(4, '7940c66b89e395e35ddeb6b9ff9fcc356e1af015c3f0a123b3116ec6e4c0d3d1', 'cad/79/7940c66b89e395e35ddeb6b9ff9fcc356e1af015c3f0a123b3116ec6e4c0d3d1.stl', 'plate.stl', 1307, 'stl', '', 'millimetre', '[40.0, 30.0, 2.0]', 1, 1, 12, '{"name": "box", "product": "box", "part_key": "/", "colors": [null]}', '{"version": 1, "format": "stl", "schema": "", "protocol": "", "originating_system": "", "preprocessor": "", "unit": "millimetre", "size_mm": [40.0, 30.0, 2.0], "box_mm": {"low": [0.0, 0.0, 0.0], "high": [40.0, 30.0, 2.0]}, "free_roots": 1, "assemblies": 0, "parts": 1, "instances": 1, "meshes": 1, "solids": 0, "solids_placed": 0, "faces": 0, "faces_placed": 0, "free_surfaces": 0, "unmeshed_faces": 0, "triangles": 12, "triangles_placed": 12, "names": ["box"], "colors": [], "materials": [], "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "warnings": [{"code": "no_colors", "message": "The file holds no colours; the parts are shown in grey. Assign materials by part name.", "details": ""}], "code_page": {"used": "utf-8", "how": "utf-8", "sure": true}, "area_mm2": 2680.0, "volume_mm3": 2400.0, "bytes": {"geometry.glb": 1680, "master.usdc": 2939}, "seconds": {"prescan": 0.0052, "read": 0.0249, "glb": 0.001, "check": 0.0009, "usd": 0.0121, "report": 0.0005}, "peak_mb": 212, "stage_peak_mb": {"prescan": 186, "read": 192, "glb": 192, "check": 192, "usd": 212, "report": 212}, "document": {"reused": false, "kept": false, "why": ""}}', 'ready', '', '', '2026-11-29 14:50:55.461515', 2, '', 'mm', '16d92f240da531088a6350ade40a29cd48826466c7ef66ce4fbd9c0a87d300b9'),
(5, '372c12463e5663e9b9ada9764a8e577ea0acb67c3abbf5c8288ca27b63ea741e', 'cad/37/372c12463e5663e9b9ada9764a8e577ea0acb67c3abbf5c8288ca27b63ea741e.stl', 'plate_b.stl', 1307, 'stl', '', 'millimetre', '[40.0, 30.0, 3.0]', 1, 1, 12, '{"name": "box", "product": "box", "part_key": "/", "colors": [null]}', '{"version": 1, "format": "stl", "schema": "", "protocol": "", "originating_system": "", "preprocessor": "", "unit": "millimetre", "size_mm": [40.0, 30.0, 3.0], "box_mm": {"low": [0.0, 0.0, 0.0], "high": [40.0, 30.0, 3.0]}, "free_roots": 1, "assemblies": 0, "parts": 1, "instances": 1, "meshes": 1, "solids": 0, "solids_placed": 0, "faces": 0, "faces_placed": 0, "free_surfaces": 0, "unmeshed_faces": 0, "triangles": 12, "triangles_placed": 12, "names": ["box"], "colors": [], "materials": [], "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "warnings": [{"code": "no_colors", "message": "The file holds no colours; the parts are shown in grey. Assign materials by part name.", "details": ""}], "code_page": {"used": "utf-8", "how": "utf-8", "sure": true}, "area_mm2": 2820.0, "volume_mm3": 3600.0, "bytes": {"geometry.glb": 1676, "master.usdc": 2941}, "seconds": {"prescan": 0.0072, "read": 0.0056, "glb": 0.0007, "check": 0.0009, "usd": 0.0067, "report": 0.0005}, "peak_mb": 212, "stage_peak_mb": {"prescan": 186, "read": 192, "glb": 192, "check": 192, "usd": 212, "report": 212}, "document": {"reused": false, "kept": false, "why": ""}}', 'ready', '', '', '2026-11-29 14:51:01.236294', 2, '', 'mm', '16d92f240da531088a6350ade40a29cd48826466c7ef66ce4fbd9c0a87d300b9');
INSERT INTO "media_assets_mediaasset" ("id", "kind", "file", "mime_type", "bytes", "width", "height", "duration", "sha256", "recipe_key", "view_key", "recipe", "receipt", "created", "produced", "cad_file_id", "product_id", "poster", "made_on", "standing") VALUES
(1, 'gltf_geometry', 'gltf_geometry/ca/ca419a51ebc731972e2d3720fa11007e29a8f558a185bf9ba3262899a428add6.glb', 'model/gltf-binary', 2094916, NULL, NULL, NULL, 'ca419a51ebc731972e2d3720fa11007e29a8f558a185bf9ba3262899a428add6', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', '', '{"cad": "4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}', '{"device_used": "CPU", "seconds": {"prescan": 0.0437, "read": 0.0466, "transfer": 0.1255, "keep": 0.0114, "tree": 0.0061, "mesh": 0.2356, "triangles": 0.1501, "glb": 0.0151, "check": 0.0324, "usd": 0.0297, "report": 0.0015, "convert": 1.826}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "report": "report/af/af812fbf7c68f07786c4397b3c956585fe6e512812fca89175829705d11f8fa2.json"}', '2026-11-29 14:50:57.429658', '2026-11-29 14:50:57.428384', 1, 1, '', 'CPU', ''),
(2, 'usd_master', 'usd_master/96/966d2b1efad9a54a1b4b9f9cf44f317c2cea8f97dfed254134dfa249fd90debf.usdc', 'model/vnd.usd+binary', 1820151, NULL, NULL, NULL, '966d2b1efad9a54a1b4b9f9cf44f317c2cea8f97dfed254134dfa249fd90debf', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', '', '{"cad": "4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}', '{"device_used": "CPU", "seconds": {"prescan": 0.0437, "read": 0.0466, "transfer": 0.1255, "keep": 0.0114, "tree": 0.0061, "mesh": 0.2356, "triangles": 0.1501, "glb": 0.0151, "check": 0.0324, "usd": 0.0297, "report": 0.0015, "convert": 1.826}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}', '2026-11-29 14:50:57.442352', '2026-11-29 14:50:57.441379', 1, 1, '', 'CPU', ''),
(3, 'cad_document', 'cad_document/22/22d13d92850305e89664b15b125ec4579d4d0435e8cce5fd5a7b9fc18fc8283a.xbf', 'application/x-xbf', 592248, NULL, NULL, NULL, '22d13d92850305e89664b15b125ec4579d4d0435e8cce5fd5a7b9fc18fc8283a', '3aff74cf01576939979a90cb6f20a11d1fefef6b28e7e29aaa6b1d38ae48b31c', '', '{"cad": "4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33", "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0"}}', '{"tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0"}, "learned": {"scan": {"format": "step", "bytes": 576329, "schema": "AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }", "protocol": "AP214", "unit": "millimetre", "originating_system": "Renderdesk samples/make_bearing.py", "preprocessor": "Open CASCADE STEP processor 8.0", "entities": 8965, "faces": 203, "products": 6, "instances": 23, "code_page": "utf-8", "code_page_how": "utf-8", "code_page_sure": true, "wrapped": false}, "opened": {"unit": "millimetre", "damage": [], "notes": 0, "findings": [], "facts": {"code_page": {"used": "utf-8", "how": "utf-8", "sure": true}, "reader_notes": 0}}}}', '2026-11-29 14:50:57.455889', '2026-11-29 14:50:57.454797', 1, 1, '', '', ''),
(4, 'gltf_geometry', 'gltf_geometry/17/17f7c3a8651174e42d274a7db0d059cdb649bb91adfb88133dee70f4e98725a3.glb', 'model/gltf-binary', 1680, NULL, NULL, NULL, '17f7c3a8651174e42d274a7db0d059cdb649bb91adfb88133dee70f4e98725a3', '1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a', '', '{"cad": "7940c66b89e395e35ddeb6b9ff9fcc356e1af015c3f0a123b3116ec6e4c0d3d1", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}', '{"device_used": "CPU", "seconds": {"prescan": 0.0052, "read": 0.0249, "glb": 0.001, "check": 0.0009, "usd": 0.0121, "report": 0.0005, "convert": 0.061}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "report": "report/ee/ee33503f455cc420a4a90ae4d1488c00876379bc6ac4e3a3b704d9e2029fd644.json"}', '2026-11-29 14:50:57.576110', '2026-11-29 14:50:57.575096', 4, 4, '', 'CPU', ''),
(5, 'usd_master', 'usd_master/9f/9fee6f5db632e54f3ca3dcf1234e7f078bfcbf5b0382f970c07863636ea83e21.usdc', 'model/vnd.usd+binary', 2939, NULL, NULL, NULL, '9fee6f5db632e54f3ca3dcf1234e7f078bfcbf5b0382f970c07863636ea83e21', '1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a', '', '{"cad": "7940c66b89e395e35ddeb6b9ff9fcc356e1af015c3f0a123b3116ec6e4c0d3d1", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}', '{"device_used": "CPU", "seconds": {"prescan": 0.0052, "read": 0.0249, "glb": 0.001, "check": 0.0009, "usd": 0.0121, "report": 0.0005, "convert": 0.061}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}', '2026-11-29 14:50:57.598861', '2026-11-29 14:50:57.591816', 4, 4, '', 'CPU', ''),
(6, 'render_master', 'render_master/4a/4a545fb16df101a1eb74d2937a1b2a8c38e0920fa93fa285349bf7a7fa2b7420.png', 'image/png', 38742, 96, 96, NULL, '4a545fb16df101a1eb74d2937a1b2a8c38e0920fa93fa285349bf7a7fa2b7420', 'ff338f55a1ced0d6639ad3e912684314d462e6e672ae4bdbfeeb5c8bd0890ef6', '7f0712eff666e4c149c3747a6dfed033ad5c60c22a7144b9cf4ba972c3d349c3', '{"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "width": 96, "height": 96}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "geometry_hit": false, "peak_mb": 370.3, "seconds": {"wait": 0.162, "start": 0.007, "import": 0.7337, "geometry": 0.2562, "scene": 0.066, "sync": 0.1365, "sample": 0.3038, "save": 0.5471, "total": 1.3177, "render": 2.15}}', '2026-11-29 14:50:59.812385', '2026-11-29 14:50:59.811475', 1, 1, '', 'CPU', ''),
(7, 'render_master', 'render_master/9b/9bcc4795d147bb351a007aa61d54c22f33691d73ef029e81a18a953785bb857e.png', 'image/png', 26086, 96, 96, NULL, '9bcc4795d147bb351a007aa61d54c22f33691d73ef029e81a18a953785bb857e', '77356a47f75b436f1d37f9c90ce22b4e60d31577f5303f003b8db487702b46df', 'd17fd33feccfb36fcbc420dd250bd00591fcf60527f089bb97685fa44f5c9421', '{"view": {"geometry": "1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 96, "height": 96}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "geometry_hit": false, "peak_mb": 370.3, "seconds": {"wait": 2.227, "start": 0.001, "geometry": 0.0058, "scene": 0.0046, "sync": 0.0143, "sample": 0.227, "save": 0.0054, "total": 0.2577, "render": 0.261}}', '2026-11-29 14:51:00.116389', '2026-11-29 14:51:00.115474', 4, 4, '', 'CPU', ''),
(8, 'thumbnail', 'thumbnail/c0/c08d9bac04c17850a7f7955700ffb04bdf1ea6316e41f8062a6a694a57f84705.webp', 'image/webp', 2756, 96, 96, NULL, 'c08d9bac04c17850a7f7955700ffb04bdf1ea6316e41f8062a6a694a57f84705', 'a11e69a147f17effe4c87d43a425c0a12b9ba782c2c8a5f5a388c09add738ef9', '', '{"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "kind": "thumbnail", "width": 96, "height": 96, "format": "webp", "encoder": 2, "background": ["#ffffff"], "effort": 4, "quality": 90}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "master": 6, "master_key": "ff338f55a1ced0d6639ad3e912684314d462e6e672ae4bdbfeeb5c8bd0890ef6", "master_bytes": 38742, "png_bytes": 10356, "seconds": {"wait": 0.162, "start": 0.007, "import": 0.7337, "geometry": 0.2562, "scene": 0.066, "sync": 0.1365, "sample": 0.3038, "save": 0.5471, "total": 1.3177, "render": 2.15, "encode": 0.038, "gate": 0.001}}', '2026-11-29 14:51:00.204510', '2026-11-29 14:51:00.203523', 1, 1, '', 'CPU', 'current'),
(9, 'thumbnail', 'thumbnail/41/41ad86057838d9ecea5cbf7ac3e573e706cc82735bc2b11591443cf7205fc70c.webp', 'image/webp', 1710, 96, 96, NULL, '41ad86057838d9ecea5cbf7ac3e573e706cc82735bc2b11591443cf7205fc70c', 'b53e184d98c24db33702ca3b67e258f450a0f8df26a01efaedb19d99f069b1cb', '', '{"view": {"geometry": "1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "kind": "thumbnail", "width": 96, "height": 96, "format": "webp", "encoder": 2, "background": ["#ffffff"], "effort": 4, "quality": 90}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "master": 7, "master_key": "77356a47f75b436f1d37f9c90ce22b4e60d31577f5303f003b8db487702b46df", "master_bytes": 26086, "png_bytes": 5873, "seconds": {"wait": 2.227, "start": 0.001, "geometry": 0.0058, "scene": 0.0046, "sync": 0.0143, "sample": 0.227, "save": 0.0054, "total": 0.2577, "render": 0.261, "encode": 0.006, "gate": 0.0}}', '2026-11-29 14:51:00.280629', '2026-11-29 14:51:00.279555', 4, 4, '', 'CPU', 'replaced'),
(10, 'still', 'still/20/20e58ed8225950da11e1c34b13618dffb590eb5bc9307bd5835fefebb8824889.png', 'image/png', 6061, 64, 64, NULL, '20e58ed8225950da11e1c34b13618dffb590eb5bc9307bd5835fefebb8824889', '33eaed87f3d627666dae3e30bbcdafa34f7880b3262a0bb6e43c66d8600d6de6', '', '{"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "kind": "still", "width": 64, "height": 64, "format": "png", "encoder": 2, "background": ["#ffffff"], "bit_depth": 8}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "master": 6, "master_key": "ff338f55a1ced0d6639ad3e912684314d462e6e672ae4bdbfeeb5c8bd0890ef6", "master_bytes": 38742, "png_bytes": 6061, "seconds": {"wait": 0.162, "start": 0.007, "import": 0.7337, "geometry": 0.2562, "scene": 0.066, "sync": 0.1365, "sample": 0.3038, "save": 0.5471, "total": 1.3177, "render": 2.15, "encode": 0.004, "gate": 0.005}}', '2026-11-29 14:51:00.398978', '2026-11-29 14:51:00.397944', 1, 1, '', 'CPU', 'current'),
(11, 'render_master', 'render_master/2d/2df673c5f96f4effc16f2e555de32d1bd20e4b7bc16ac3742ec61b46e65ba959.png', 'image/png', 17202, 64, 48, NULL, '2df673c5f96f4effc16f2e555de32d1bd20e4b7bc16ac3742ec61b46e65ba959', '8307024b88819e1c42241c9aadad8e2892f7f90d2f1d16aa1f420f2ccf75a5ec', '57c33a7b5107549bd5ef80fab58b06f0890bf9bf93d2b050f4dcabf5a3b56b94', '{"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "4:3", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "width": 64, "height": 48}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "geometry_hit": false, "peak_mb": 370.3, "seconds": {"wait": 0.089, "start": 0.001, "geometry": 0.2774, "scene": 0.0672, "sync": 0.121, "sample": 0.1144, "save": 0.0047, "total": 0.5863, "render": 0.588}}', '2026-11-29 14:51:01.040476', '2026-11-29 14:51:01.039489', 1, 1, '', 'CPU', ''),
(12, 'still', 'still/d4/d4cb3ac820ba8ec9ad0a1f72a6cd3e5813e4543019f76c3847bc8d1d58fc5aef.webp', 'image/webp', 1720, 64, 48, NULL, 'd4cb3ac820ba8ec9ad0a1f72a6cd3e5813e4543019f76c3847bc8d1d58fc5aef', '2b5f0af644e1768dc62d4875cdfaeb44f6c2391ba1c1fc3c671f303fe0e0aa40', '', '{"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "4:3", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "kind": "still", "width": 64, "height": 48, "format": "webp", "encoder": 2, "background": ["#f0f4f8", "#c0c8d0"], "effort": 5, "quality": 82}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "master": 11, "master_key": "8307024b88819e1c42241c9aadad8e2892f7f90d2f1d16aa1f420f2ccf75a5ec", "master_bytes": 17202, "png_bytes": 5470, "seconds": {"wait": 0.089, "start": 0.001, "geometry": 0.2774, "scene": 0.0672, "sync": 0.121, "sample": 0.1144, "save": 0.0047, "total": 0.5863, "render": 0.588, "encode": 0.002, "gate": 0.0}}', '2026-11-29 14:51:01.112005', '2026-11-29 14:51:01.106798', 1, 1, '', 'CPU', 'current'),
(13, 'gltf_geometry', 'gltf_geometry/16/16fbe00c666b90dc6a667ed6736653d3e592b87c780534a8e347b4bfcafbe4f6.glb', 'model/gltf-binary', 1676, NULL, NULL, NULL, '16fbe00c666b90dc6a667ed6736653d3e592b87c780534a8e347b4bfcafbe4f6', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', '', '{"cad": "372c12463e5663e9b9ada9764a8e577ea0acb67c3abbf5c8288ca27b63ea741e", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}', '{"device_used": "CPU", "seconds": {"prescan": 0.0072, "read": 0.0056, "glb": 0.0007, "check": 0.0009, "usd": 0.0067, "report": 0.0005, "convert": 0.039}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "report": "report/99/99fbceeb42153356a7ef3d33084a9696fd94603fefc9757b1dabeb1cbc359d9a.json"}', '2026-11-29 14:51:01.356545', '2026-11-29 14:51:01.355446', 5, 4, '', 'CPU', ''),
(14, 'usd_master', 'usd_master/d3/d3d747deff849b4c4091c8cd6a096366bd79a0e543dfa063115e5dd8edac1771.usdc', 'model/vnd.usd+binary', 2941, NULL, NULL, NULL, 'd3d747deff849b4c4091c8cd6a096366bd79a0e543dfa063115e5dd8edac1771', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', '', '{"cad": "372c12463e5663e9b9ada9764a8e577ea0acb67c3abbf5c8288ca27b63ea741e", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}', '{"device_used": "CPU", "seconds": {"prescan": 0.0072, "read": 0.0056, "glb": 0.0007, "check": 0.0009, "usd": 0.0067, "report": 0.0005, "convert": 0.039}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}', '2026-11-29 14:51:01.361926', '2026-11-29 14:51:01.361045', 5, 4, '', 'CPU', ''),
(15, 'render_master', 'render_master/d3/d331452969456157cf01a4f0c2a86fd66120e01ed1996a778b4fb0f497f62b21.png', 'image/png', 26927, 96, 96, NULL, 'd331452969456157cf01a4f0c2a86fd66120e01ed1996a778b4fb0f497f62b21', 'f14b120139df286efa31d9b1e8e253db3cac41ad1c33ccbba458bb3bea3821a1', 'c8bda47f148a375994df5ede80dd79f53fdc551713b724d63ad0560ea86a97d3', '{"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 96, "height": 96}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "geometry_hit": false, "peak_mb": 370.3, "seconds": {"wait": 0.024, "start": 0.001, "geometry": 0.0044, "scene": 0.0018, "sync": 0.0095, "sample": 0.2591, "save": 0.0045, "total": 0.2832, "render": 0.286}}', '2026-11-29 14:51:01.704438', '2026-11-29 14:51:01.703513', 5, 4, '', 'CPU', ''),
(16, 'thumbnail', 'thumbnail/e6/e67691b4e692108dd2ab1e005e00a1504640cf9d8d300360c723d2524b3ce784.webp', 'image/webp', 1752, 96, 96, NULL, 'e67691b4e692108dd2ab1e005e00a1504640cf9d8d300360c723d2524b3ce784', '3a65776b6d5030c62dc589391d2f938a5f22a9eccece4107de401682cafba5aa', '', '{"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "kind": "thumbnail", "width": 96, "height": 96, "format": "webp", "encoder": 2, "background": ["#ffffff"], "effort": 4, "quality": 90}', '{"device_used": "CPU", "compute_type": "NONE", "device_name": "AMD EPYC", "device_id": "CPU", "device_proof": "EMBREE", "gpu_fallback": false, "blender_version": "4.5.15", "samples": 2, "master": 15, "master_key": "f14b120139df286efa31d9b1e8e253db3cac41ad1c33ccbba458bb3bea3821a1", "master_bytes": 26927, "png_bytes": 6075, "seconds": {"wait": 0.024, "start": 0.001, "geometry": 0.0044, "scene": 0.0018, "sync": 0.0095, "sample": 0.2591, "save": 0.0045, "total": 0.2832, "render": 0.286, "encode": 0.006, "gate": 0.0}}', '2026-11-29 14:51:01.776655', '2026-11-29 14:51:01.775548', 5, 4, '', 'CPU', 'current');
INSERT INTO "media_assets_product" ("id", "number", "name", "created", "revised", "cad_file_id", "paused_by", "paused_since", "revisions") VALUES
(1, 'BRG-7', 'Kegelrollenlager', '2026-11-29 14:50:55.342098', '2026-11-29 14:50:55.342110', 1, '', NULL, 1),
(2, 'BROKEN-1', 'broken', '2026-11-29 14:50:55.434225', '2026-11-29 14:50:55.434235', 2, '', NULL, 1),
(3, 'CUBE-1', 'cube', '2026-11-29 14:50:55.446050', '2026-11-29 14:50:55.446060', 3, 'olga', '2026-11-29 14:51:02.568618', 1),
(4, 'PLATE-2', 'plate', '2026-11-29 14:50:55.468033', '2026-11-29 14:51:01.238054', 5, '', NULL, 2);
INSERT INTO "rendering_attempt" ("id", "number", "worker", "queue", "outcome", "device_used", "device_name", "error_code", "error", "started", "finished", "job_id", "gpu") VALUES
(1, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:50:55.576065', '2026-11-29 14:50:57.457690', 1, ''),
(2, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:50:57.505015', '2026-11-29 14:50:57.602017', 2, ''),
(3, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline', 'succeeded', 'CPU', 'AMD EPYC', '', '', '2026-11-29 14:50:57.639085', '2026-11-29 14:50:59.814255', 3, ''),
(4, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline', 'succeeded', 'CPU', 'AMD EPYC', '', '', '2026-11-29 14:50:59.842726', '2026-11-29 14:51:00.118102', 4, ''),
(5, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:51:00.151048', '2026-11-29 14:51:00.206348', 5, ''),
(6, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:51:00.235248', '2026-11-29 14:51:00.282275', 6, ''),
(7, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:51:00.380116', '2026-11-29 14:51:00.400783', 7, ''),
(8, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline', 'succeeded', 'CPU', 'AMD EPYC', '', '', '2026-11-29 14:51:00.439522', '2026-11-29 14:51:01.042318', 8, ''),
(9, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:51:01.091490', '2026-11-29 14:51:01.113747', 9, ''),
(10, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:51:01.294787', '2026-11-29 14:51:01.364597', 10, ''),
(11, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline', 'succeeded', 'CPU', 'AMD EPYC', '', '', '2026-11-29 14:51:01.402680', '2026-11-29 14:51:01.706369', 11, ''),
(12, 1, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', 'asset_pipeline_cpu', 'succeeded', 'CPU', '', '', '', '2026-11-29 14:51:01.750714', '2026-11-29 14:51:01.778871', 12, ''),
(13, 1, 'render1:boot/4026531836:4711:1', 'big_one', 'failed', '', '', 'render_failed', 'Blender ended with signal 11. Look at the job''s log for Blender''s own words.', '2026-11-29 14:51:02.310681', '2026-11-29 14:51:02.314201', 16, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11'),
(14, 2, 'render1:boot/4026531836:4711:1', 'big_one', 'failed', '', '', 'render_failed', 'Blender ended with signal 11. Look at the job''s log for Blender''s own words.', '2026-11-29 14:51:02.324003', '2026-11-29 14:51:02.327528', 16, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11'),
(15, 3, 'render1:boot/4026531836:4711:1', 'big_one', 'failed', '', '', 'blender_crashed', 'Blender ended with signal 11. It is tried again by itself. If it keeps crashing, look at the job''s log.', '2026-11-29 14:51:02.338332', '2026-11-29 14:51:02.343869', 16, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11'),
(16, 1, 'render1:boot/4026531836:4711:1', 'big_one', 'failed', '', '', 'hung', 'It said nothing for 600 s. It said nothing for longer than the limit in the system settings. A render is tried again by itself.', '2026-11-29 14:51:02.603019', '2026-11-29 14:51:02.607259', 13, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11'),
(17, 1, 'render1:boot/4026531836:4711:1', 'big_one', 'lost', '', '', 'lost', 'The worker render1 (attempt 1) died or stopped answering.', '2026-11-29 14:51:02.641331', '2026-11-29 14:51:02.648186', 19, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11'),
(18, 1, 'render1:boot/4026531836:4711:1', 'big_one', 'released', '', '', '', '', '2026-11-29 14:51:02.695212', '2026-11-29 14:51:02.702148', 18, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11'),
(19, 1, 'render1:boot/4026531836:4711:1', 'big_one', 'running', '', '', '', '', '2026-11-29 14:51:02.736038', NULL, 18, 'GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11');
INSERT INTO "rendering_environment" ("id", "name", "file", "sha256", "original_name", "width", "height", "licence", "created") VALUES
(1, 'Grey sky', 'panoramas/a3/a34e0d3a9a17a9a55609bbf501257de347bc3019341eb77599cca7b7c5cce096.hdr', 'a34e0d3a9a17a9a55609bbf501257de347bc3019341eb77599cca7b7c5cce096', 'sky.hdr', 64, 32, 'Our own, 2026', '2026-11-29 14:50:55.211650');
INSERT INTO "rendering_finish" ("id", "slug", "name", "colour", "tint", "metallic", "roughness", "specular", "grain", "anisotropy", "brushed", "coat", "coat_roughness", "transmission", "ior") VALUES
(1, 'ground_steel', 'Ground steel', '#cecdcb', 0.45, 1.0, 0.2, 0.5, 0.02, 0.45, 0.0, 0.0, 0.08, 0.0, 1.5),
(2, 'machined_steel', 'Machined steel', '#cecdcb', 0.5, 1.0, 0.3, 0.5, 0.03, 0.3, 0.0, 0.0, 0.08, 0.0, 1.5),
(3, 'polished_steel', 'Polished steel, chrome', '#d7d7d6', 0.3, 1.0, 0.1, 0.5, 0.02, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(4, 'sheet_steel', 'Sheet steel', '#bfbfbf', 0.6, 1.0, 0.38, 0.5, 0.05, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(5, 'stainless_brushed', 'Stainless steel, brushed', '#c9c8c6', 0.25, 1.0, 0.3, 0.5, 0.0, 0.6, 0.6, 0.0, 0.08, 0.0, 1.5),
(6, 'cast_iron', 'Cast iron', '#5e5d5c', 0.35, 0.75, 0.58, 0.5, 0.12, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(7, 'black_oxide', 'Black oxide', '#343437', 0.12, 0.9, 0.36, 0.5, 0.06, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(8, 'zinc_blue', 'Zinc plated, bluish', '#c4c9d1', 0.15, 1.0, 0.27, 0.5, 0.05, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(9, 'zinc_yellow', 'Zinc plated, yellow chromate', '#d2b26a', 0.2, 1.0, 0.29, 0.5, 0.05, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(10, 'aluminium', 'Aluminium', '#e7e7e8', 0.3, 1.0, 0.34, 0.5, 0.03, 0.2, 0.0, 0.0, 0.08, 0.0, 1.5),
(11, 'anodised_natural', 'Anodised aluminium, natural', '#d3d4d5', 0.1, 1.0, 0.44, 0.5, 0.02, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(12, 'anodised_black', 'Anodised aluminium, black', '#2b2b2d', 0.1, 0.8, 0.4, 0.5, 0.03, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(13, 'anodised_colour', 'Anodised aluminium, CAD colour', '#d3d4d5', 1.0, 0.85, 0.38, 0.5, 0.02, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(14, 'brass', 'Brass', '#e7c88e', 0.3, 1.0, 0.31, 0.5, 0.03, 0.2, 0.0, 0.0, 0.08, 0.0, 1.5),
(15, 'bronze', 'Bronze', '#bd9060', 0.2, 1.0, 0.3, 0.5, 0.05, 0.2, 0.0, 0.0, 0.08, 0.0, 1.5),
(16, 'copper', 'Copper', '#edb99e', 0.3, 1.0, 0.24, 0.5, 0.05, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(17, 'rubber', 'Rubber, black', '#2d2d2f', 0.06, 0.0, 0.62, 0.5, 0.06, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(18, 'rubber_colour', 'Rubber, CAD colour', '#808080', 0.9, 0.0, 0.58, 0.5, 0.05, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(19, 'plastic', 'Plastic, CAD colour', '#bcbcbc', 1.0, 0.0, 0.34, 0.5, 0.04, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(20, 'plastic_glossy', 'Plastic, glossy', '#bcbcbc', 1.0, 0.0, 0.14, 0.5, 0.0, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(21, 'plastic_matt', 'Plastic, matt', '#bcbcbc', 1.0, 0.0, 0.55, 0.5, 0.06, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(22, 'pom_white', 'POM, white', '#efeeea', 0.15, 0.0, 0.42, 0.5, 0.03, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(23, 'pcb', 'Circuit board', '#1d5a34', 0.5, 0.0, 0.35, 0.5, 0.0, 0.0, 0.0, 0.6, 0.18, 0.0, 1.5),
(24, 'glass', 'Glass', '#f9fbfb', 0.4, 0.0, 0.02, 0.5, 0.0, 0.0, 0.0, 0.0, 0.08, 1.0, 1.5),
(25, 'acrylic', 'Acrylic, clear or tinted', '#f7f9fa', 0.7, 0.0, 0.04, 0.5, 0.0, 0.0, 0.0, 0.0, 0.08, 1.0, 1.49),
(26, 'paint', 'Paint, CAD colour', '#bcbcbc', 1.0, 0.0, 0.3, 0.5, 0.0, 0.0, 0.0, 0.35, 0.08, 0.0, 1.5),
(27, 'paint_glossy', 'Paint, glossy', '#bcbcbc', 1.0, 0.0, 0.28, 0.5, 0.0, 0.0, 0.0, 1.0, 0.03, 0.0, 1.5),
(28, 'paint_matt', 'Paint, matt', '#bcbcbc', 1.0, 0.0, 0.62, 0.5, 0.0, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(29, 'powder_coat', 'Powder coat', '#bcbcbc', 1.0, 0.0, 0.46, 0.5, 0.1, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(30, 'matte', 'Matte, without any gloss', '#bcbcbc', 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.08, 0.0, 1.5),
(31, 'house_red', 'House red', '#b01020', 1.0, 0.0, 0.4, 0.5, 0.0, 0.0, 0.0, 0.8, 0.08, 0.0, 1.5);
INSERT INTO "rendering_historyentry" ("id", "when", "person", "via", "verb", "name", "count", "words", "changes", "about_id", "user_id") VALUES
(1, '2026-11-29 14:50:55.067077', 'olga', '', 'change', 'output type Thumbnail 256 px', 1, '', '[["Samples", "64", "2"], ["Noise threshold", "0.05", "0"], ["Width (px)", "256", "96"], ["Height (px)", "256", "96"]]', 24, 2),
(2, '2026-11-29 14:50:55.084723', 'olga', '', 'change', 'output type Quick look', 1, '', '[["Name", "Draft 128 px", "Quick look"], ["Samples", "8", "2"], ["Noise threshold", "0.1", "0"], ["Width (px)", "128", "64"], ["Height (px)", "128", "64"]]', 24, 2),
(3, '2026-11-29 14:50:55.096451', 'olga', '', 'change', 'output type Still 2048 px', 1, '', '[["Can be ordered", "yes", "no"]]', 24, 2),
(4, '2026-11-29 14:50:55.212689', 'olga', '', 'add', 'panorama Grey sky', 1, '', '[]', 27, 2),
(5, '2026-11-29 14:50:55.227854', 'olga', '', 'add', 'output type Shop', 1, '', '[]', 24, 2),
(6, '2026-11-29 14:50:55.246685', 'olga', '', 'add', 'output type Print', 1, '', '[]', 24, 2),
(7, '2026-11-29 14:50:55.261215', 'olga', '', 'add', 'output type Outdoors', 1, '', '[]', 24, 2),
(8, '2026-11-29 14:50:55.275611', 'olga', '', 'add', 'output type For compositing', 1, '', '[]', 24, 2),
(9, '2026-11-29 14:50:55.290423', 'olga', '', 'add', 'output type Spin', 1, '', '[]', 24, 2),
(10, '2026-11-29 14:50:55.293049', 'olga', '', 'add', 'finish House red', 1, '', '[]', 28, 2),
(11, '2026-11-29 14:50:55.299722', 'olga', '', 'change', 'finish Brass', 1, '', '[["Roughness", "0.24", "0.31"]]', 28, 2),
(12, '2026-11-29 14:50:55.301123', 'olga', '', 'add', 'material rule Rule 5: name has “cap, lid”, CAD colour is clear or #b01020', 1, '', '[]', 29, 2),
(13, '2026-11-29 14:50:55.340830', 'olga', '', 'upload', 'CAD file tapered_roller_bearing.step', 1, '', '[]', 12, 2),
(14, '2026-11-29 14:50:55.412596', 'olga', '', 'order', 'Order 1', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(15, '2026-11-29 14:50:55.432814', 'olga', '', 'upload', 'CAD file broken.step', 1, '', '[]', 12, 2),
(16, '2026-11-29 14:50:55.444720', 'olga', '', 'upload', 'CAD file cube.stl', 1, '', '[]', 12, 2),
(17, '2026-11-29 14:50:55.462099', 'olga', '', 'upload', 'CAD file plate.stl', 1, '', '[["Length unit", "", "Millimetre"]]', 12, 2),
(18, '2026-11-29 14:50:55.528939', 'olga', '', 'order', 'Order 2', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(19, '2026-11-29 14:51:00.363753', 'olga', '', 'order', 'Order 3', 2, 'Pictures: 2. Products: 1. Output types: 2.', '[]', 23, 2),
(20, '2026-11-29 14:51:00.368613', 'olga', '', 'add', 'webhook Shop', 1, '', '[]', 32, 2),
(21, '2026-11-29 14:51:00.369575', 'olga', '', 'add', 'webhook Chat', 1, '', '[]', 32, 2),
(22, '2026-11-29 14:51:01.214678', 'olga', '', 'order', 'Order 4', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(23, '2026-11-29 14:51:01.236970', 'olga', '', 'upload', 'CAD file plate_b.stl', 1, '', '[["Current CAD file", "plate.stl", "plate_b.stl"]]', 12, 2),
(24, '2026-11-29 14:51:01.272097', 'olga', '', 'order', 'Order 5', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(25, '2026-11-29 14:51:01.837070', 'olga', '', 'change', 'workflow On upload', 1, '', '[["Priority", "60", "70"]]', 20, 2),
(26, '2026-11-29 14:51:01.854490', 'olga', '', 'add', 'workflow Catalog', 1, '', '[]', 20, 2),
(27, '2026-11-29 14:51:02.036150', 'olga', '', 'order', 'Order 6', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(28, '2026-11-29 14:51:02.041201', 'olga', '', 'share', '2 share links', 2, '', '[]', 35, 2),
(29, '2026-11-29 14:51:02.041918', 'olga', '', 'share', '2 share links', 2, '', '[]', 35, 2),
(30, '2026-11-29 14:51:02.257919', 'mara', '', 'change', 'GPU NVIDIA GeForce RTX 4090 on render1', 1, '', '[["Queue", "", "big_one"]]', 15, 1),
(31, '2026-11-29 14:51:02.268916', 'mara', '', 'change', 'GPU NVIDIA GeForce RTX 3060 on render1', 1, '', '[["Serves the heavy lane", "yes", "no"]]', 15, 1),
(32, '2026-11-29 14:51:02.276328', 'mara', '', 'change', 'System settings', 1, '', '[["Probe interval minutes", "30", "45"], ["No progress for (s)", "300", "600"], ["Largest CAD file (MB)", "1024", "2048"]]', 17, 1),
(33, '2026-11-29 14:51:02.283560', 'mara', '', 'probe', 'GPU probe Probe 2 (Requested)', 1, '', '[]', 16, 1),
(34, '2026-11-29 14:51:02.299913', 'olga', '', 'order', 'Order 7', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(35, '2026-11-29 14:51:02.391022', 'olga', '', 'order', 'Order 8', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(36, '2026-11-29 14:51:02.470487', 'olga', '', 'order', 'Order 9', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(37, '2026-11-29 14:51:02.499951', 'olga', '', 'order', 'Order 10', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2),
(38, '2026-11-29 14:51:02.539776', 'olga', '', 'order', 'Order 11', 1, 'Pictures: 1. Products: 1. Output types: 1.', '[]', 23, 2);
INSERT INTO "rendering_historysubject" ("id", "object_id", "entry_id", "kind_id") VALUES
(1, 2, 1, 24),
(2, 1, 2, 24),
(3, 5, 3, 24),
(4, 1, 4, 27),
(5, 9, 5, 24),
(6, 10, 6, 24),
(7, 11, 7, 24),
(8, 12, 8, 24),
(9, 13, 9, 24),
(10, 31, 10, 28),
(11, 14, 11, 28),
(12, 45, 12, 29),
(13, 1, 13, 12),
(14, 1, 13, 13),
(15, 1, 14, 23),
(16, 2, 15, 12),
(17, 2, 15, 13),
(18, 3, 16, 12),
(19, 3, 16, 13),
(20, 4, 17, 12),
(21, 4, 17, 13),
(23, 2, 18, 23),
(24, 3, 19, 23),
(25, 1, 20, 32),
(26, 2, 21, 32),
(27, 4, 22, 23),
(28, 5, 23, 12),
(29, 4, 23, 13),
(30, 5, 24, 23),
(31, 1, 25, 20),
(32, 2, 26, 20),
(33, 6, 27, 23),
(34, 1, 28, 35),
(35, 3, 28, 23),
(36, 2, 29, 35),
(37, 12, 29, 14),
(38, 1, 30, 15),
(39, 2, 31, 15),
(40, 1, 32, 17),
(41, 2, 33, 16),
(42, 7, 34, 23),
(43, 8, 35, 23),
(44, 9, 36, 23),
(45, 10, 37, 23),
(46, 11, 38, 23);
INSERT INTO "rendering_job" ("id", "kind", "state", "lane", "queue", "priority", "recipe_key", "spec", "geometry_key", "attempt", "max_attempts", "not_before", "lease_token", "lease_until", "worker", "cancel_requested", "stage", "progress", "device_used", "compute_type", "device_name", "gpu_fallback", "log", "seconds", "error_code", "error", "created", "queued", "started", "finished", "asset_id", "cad_file_id", "product_id", "output_type_id", "reuse", "avoid", "device_id", "held") VALUES
(1, 'tessellate', 'succeeded', 'cpu', 'asset_pipeline_cpu', 60, '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', '{"recipe": {"cad": "4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"prescan": 0.0437, "read": 0.0466, "transfer": 0.1255, "keep": 0.0114, "tree": 0.0061, "mesh": 0.2356, "triangles": 0.1501, "glb": 0.0151, "check": 0.0324, "usd": 0.0297, "report": 0.0015, "convert": 1.826}', '', '', '2026-11-29 14:50:55.405335', '2026-11-29 14:50:55.405342', '2026-11-29 14:50:55.574226', '2026-11-29 14:50:57.456380', 1, 1, 1, NULL, '{"geometry": {"hit": false, "changed": [], "why": "first conversion of this CAD file"}, "document": {"hit": false, "changed": [], "why": "none was kept"}}', '', '', FALSE),
(2, 'tessellate', 'succeeded', 'cpu', 'asset_pipeline_cpu', 60, '1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a', '{"recipe": {"cad": "7940c66b89e395e35ddeb6b9ff9fcc356e1af015c3f0a123b3116ec6e4c0d3d1", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"prescan": 0.0052, "read": 0.0249, "glb": 0.001, "check": 0.0009, "usd": 0.0121, "report": 0.0005, "convert": 0.061}', '', '', '2026-11-29 14:50:55.518954', '2026-11-29 14:50:55.518958', '2026-11-29 14:50:57.503582', '2026-11-29 14:50:57.600775', 4, 4, 4, NULL, '{"geometry": {"hit": false, "changed": [], "why": "first conversion of this CAD file"}}', '', '', FALSE),
(3, 'render', 'succeeded', 'light', 'asset_pipeline', 65, 'ff338f55a1ced0d6639ad3e912684314d462e6e672ae4bdbfeeb5c8bd0890ef6', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "width": 96, "height": 96}, "geometry": 1, "kind": "thumbnail", "rules": [{"finish": {"slug": "polished_steel", "colour": "#d7d7d6", "tint": 0.3, "metallic": 1.0, "roughness": 0.1, "specular": 0.5, "grain": 0.02, "anisotropy": 0.0, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*", "key": "", "colours": "grey, light, dark", "material": ""}, {"finish": {"slug": "brass", "colour": "#e7c88e", "tint": 0.3, "metallic": 1.0, "roughness": 0.31, "specular": 0.5, "grain": 0.03, "anisotropy": 0.2, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "cage, *k\u00e4fig, *kaefig, retainer", "key": "", "colours": "yellow", "material": ""}, {"finish": {"slug": "ground_steel", "colour": "#cecdcb", "tint": 0.45, "metallic": 1.0, "roughness": 0.2, "specular": 0.5, "grain": 0.02, "anisotropy": 0.45, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel", "key": "", "colours": "grey, light", "material": ""}]}', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', 'AMD EPYC', FALSE, 'I1129 14:50:58.471252   544 device.cpp:53] CUEW initialization failed: Error opening the library
I1129 14:50:58.471886   544 device.cpp:70] HIPEW initialization failed: Error opening HIP dynamic library
Fra:1 Mem:23.68M (Peak 23.68M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.4
I1129 14:50:58.812470   544 device_impl.cpp:47] Using AVX2 CPU kernels.
I1129 14:50:58.813071   544 device_impl.cpp:47] Using AVX2 CPU kernels.
Fra:1 Mem:23.68M (Peak 23.68M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | ground
Fra:1 Mem:23.68M (Peak 23.68M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000000
Fra:1 Mem:28.16M (Peak 28.16M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.3
Fra:1 Mem:28.16M (Peak 28.16M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.2
Fra:1 Mem:28.16M (Peak 28.16M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.1
Fra:1 Mem:28.16M (Peak 28.16M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.0
Fra:1 Mem:28.16M (Peak 28.16M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000003
Fra:1 Mem:30.39M (Peak 31.29M) | Time:00:00.02 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000002
Fra:1 Mem:32.03M (Peak 33.90M) | Time:00:00.04 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000001
Fra:1 Mem:33.07M (Peak 38.38M) | Time:00:00.07 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Initializing
Fra:1 Mem:33.07M (Peak 38.38M) | Time:00:00.07 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Waiting for render to start
Fra:1 Mem:33.07M (Peak 38.38M) | Time:00:00.07 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Scene
Fra:1 Mem:33.07M (Peak 38.38M) | Time:00:00.07 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Shaders
Fra:1 Mem:33.07M (Peak 38.38M) | Time:00:00.07 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Loading render kernels (may take a few minutes the first time)
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Procedurals
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Background
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Camera
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Meshes Flags
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects | Copying Transformations to device
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Particle Systems
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Particle Systems | Copying Particles to device
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Meshes
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Objects | Applying Static Transformations
Fra:1 Mem:33.16M (Peak 38.38M) | Time:00:00.07 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Mesh | Computing attributes
Fra:1 Mem:33.90M (Peak 38.38M) | Time:00:00.07 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Mesh | Copying Attributes to device
Fra:1 Mem:33.89M (Peak 38.38M) | Time:00:00.07 | Mem:0.75M, Peak:0.75M | Scene, ViewLayer | Updating Geometry BVH mesh.3 2/1 | Building BVH
Fra:1 Mem:33.89M (Peak 38.38M) | Time:00:00.07 | Mem:1.15M, Peak:1.15M | Scene, ViewLayer | Updating Geometry BVH mesh.3 2/1 | Building BVH 0%
Fra:1 Mem:33.89M (Peak 38.38M) | Time:00:00.08 | Mem:1.60M, Peak:2.01M | Scene, ViewLayer | Updating Scene BVH | Building
Fra:1 Mem:33.89M (Peak 38.38M) | Time:00:00.08 | Mem:1.60M, Peak:2.01M | Scene, ViewLayer | Updating Scene BVH | Building BVH
I1129 14:50:58.893745   556 geometry_bvh.cpp:116] Using EMBREE layout.
Fra:1 Mem:33.89M (Peak 38.38M) | Time:00:00.13 | Mem:7.10M, Peak:9.86M | Scene, ViewLayer | Updating Scene BVH | Copying BVH to device
Fra:1 Mem:33.89M (Peak 38.38M) | Time:00:00.13 | Mem:7.10M, Peak:9.86M | Scene, ViewLayer | Updating Mesh | Computing normals
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:7.10M, Peak:9.86M | Scene, ViewLayer | Updating Mesh | Copying Mesh to device
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Objects Flags
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Primitive Offsets
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Images
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Camera Volume
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Lights
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Lights | Computing distribution
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Integrator
Fra:1 Mem:36.94M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Film
Fra:1 Mem:36.95M (Peak 38.38M) | Time:00:00.13 | Mem:10.15M, Peak:10.23M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:36.95M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Baking
Fra:1 Mem:36.95M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Device | Writing constant memory
Fra:1 Mem:36.95M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Loading denoising kernels (may take a few minutes the first time)
Fra:1 Mem:36.95M (Peak 38.38M) | Time:00:00.13 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Sample 0/2
Fra:1 Mem:37.78M (Peak 38.38M) | Time:00:00.18 | Remaining:00:00.04 | Mem:11.04M, Peak:11.04M | Scene, ViewLayer | Sample 1/2
Fra:1 Mem:38.07M (Peak 38.38M) | Time:00:00.35 | Mem:11.04M, Peak:11.04M | Scene, ViewLayer | Sample 2/2
Fra:1 Mem:38.07M (Peak 38.38M) | Time:00:00.35 | Mem:11.04M, Peak:11.04M | Scene, ViewLayer | Finished
Fra:1 Mem:38.07M (Peak 38.38M) | Time:00:00.35 | Compositing', '{"wait": 0.162, "start": 0.007, "import": 0.7337, "geometry": 0.2562, "scene": 0.066, "sync": 0.1365, "sample": 0.3038, "save": 0.5471, "total": 1.3177, "render": 2.15}', '', '', '2026-11-29 14:50:57.483366', '2026-11-29 14:50:57.483375', '2026-11-29 14:50:57.637740', '2026-11-29 14:50:59.812940', 6, 1, 1, 2, '{"geometry": {"hit": false, "changed": [], "why": "first conversion of this CAD file"}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', 'CPU', FALSE),
(4, 'render', 'succeeded', 'light', 'asset_pipeline', 65, '77356a47f75b436f1d37f9c90ce22b4e60d31577f5303f003b8db487702b46df', '{"recipe": {"view": {"geometry": "1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 96, "height": 96}, "geometry": 4, "kind": "thumbnail", "rules": [{"finish": {"slug": "machined_steel", "colour": "#cecdcb", "tint": 0.5, "metallic": 1.0, "roughness": 0.3, "specular": 0.5, "grain": 0.03, "anisotropy": 0.3, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "", "key": "", "colours": "grey, light", "material": ""}]}', '1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', 'AMD EPYC', FALSE, 'Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000000
I1129 14:50:59.865126   544 device_impl.cpp:47] Using AVX2 CPU kernels.
I1129 14:50:59.865579   544 device_impl.cpp:47] Using AVX2 CPU kernels.
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | ground
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.0
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.1
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.2
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.3
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.4
Fra:1 Mem:13.43M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Initializing
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Waiting for render to start
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Scene
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Shaders
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Loading render kernels (may take a few minutes the first time)
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Procedurals
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Background
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Camera
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Meshes Flags
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects | Copying Transformations to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Particle Systems
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Particle Systems | Copying Particles to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Meshes
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects | Applying Static Transformations
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Computing attributes
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Copying Attributes to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Building
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Building BVH
I1129 14:50:59.872579   565 geometry_bvh.cpp:116] Using EMBREE layout.
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Building BVH 0%
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Copying BVH to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Computing normals
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Copying Mesh to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects Flags
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Primitive Offsets
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Images
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Camera Volume
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Lights
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Lights | Computing distribution
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Integrator
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Film
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.01M, Peak:0.09M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Updating Baking
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Updating Device | Writing constant memory
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Loading denoising kernels (may take a few minutes the first time)
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Sample 0/2
Fra:1 Mem:14.35M (Peak 14.35M) | Time:00:00.03 | Remaining:00:00.02 | Mem:0.91M, Peak:0.91M | Scene, ViewLayer | Sample 1/2
Fra:1 Mem:14.64M (Peak 14.64M) | Time:00:00.19 | Mem:0.91M, Peak:0.91M | Scene, ViewLayer | Sample 2/2
Fra:1 Mem:14.64M (Peak 14.64M) | Time:00:00.19 | Mem:0.91M, Peak:0.91M | Scene, ViewLayer | Finished
Fra:1 Mem:14.64M (Peak 14.64M) | Time:00:00.19 | Compositing', '{"wait": 2.227, "start": 0.001, "geometry": 0.0058, "scene": 0.0046, "sync": 0.0143, "sample": 0.227, "save": 0.0054, "total": 0.2577, "render": 0.261}', '', '', '2026-11-29 14:50:57.617890', '2026-11-29 14:50:57.617896', '2026-11-29 14:50:59.841534', '2026-11-29 14:51:00.116939', 7, 4, 4, 2, '{"geometry": {"hit": false, "changed": [], "why": "first conversion of this CAD file"}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', 'CPU', FALSE),
(5, 'encode', 'succeeded', 'cpu', 'asset_pipeline_cpu', 65, 'a11e69a147f17effe4c87d43a425c0a12b9ba782c2c8a5f5a388c09add738ef9', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "kind": "thumbnail", "width": 96, "height": 96, "format": "webp", "encoder": 2, "background": ["#ffffff"], "effort": 4, "quality": 90}, "master": 6}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"encode": 0.038, "gate": 0.001}', '', '', '2026-11-29 14:50:59.827812', '2026-11-29 14:50:59.827817', '2026-11-29 14:51:00.149942', '2026-11-29 14:51:00.205013', 8, 1, 1, 2, '{"picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(6, 'encode', 'succeeded', 'cpu', 'asset_pipeline_cpu', 65, 'b53e184d98c24db33702ca3b67e258f450a0f8df26a01efaedb19d99f069b1cb', '{"recipe": {"view": {"geometry": "1889c1c0daba5f5c181e13e8b70da5f0ea3458a1073595d17af310710cb5505a", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "kind": "thumbnail", "width": 96, "height": 96, "format": "webp", "encoder": 2, "background": ["#ffffff"], "effort": 4, "quality": 90}, "master": 7}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"encode": 0.006, "gate": 0.0}', '', '', '2026-11-29 14:51:00.127301', '2026-11-29 14:51:00.131387', '2026-11-29 14:51:00.234054', '2026-11-29 14:51:00.281171', 9, 4, 4, 2, '{"picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(7, 'encode', 'succeeded', 'cpu', 'asset_pipeline_cpu', 50, '33eaed87f3d627666dae3e30bbcdafa34f7880b3262a0bb6e43c66d8600d6de6', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "kind": "still", "width": 64, "height": 64, "format": "png", "encoder": 2, "background": ["#ffffff"], "bit_depth": 8}, "master": 6}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"encode": 0.004, "gate": 0.005}', '', '', '2026-11-29 14:51:00.351989', '2026-11-29 14:51:00.351996', '2026-11-29 14:51:00.374371', '2026-11-29 14:51:00.399594', 10, 1, 1, 1, '{"picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(8, 'render', 'succeeded', 'light', 'asset_pipeline', 99, '8307024b88819e1c42241c9aadad8e2892f7f90d2f1d16aa1f420f2ccf75a5ec', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "4:3", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "width": 64, "height": 48}, "geometry": 1, "kind": "still", "rules": [{"finish": {"slug": "polished_steel", "colour": "#d7d7d6", "tint": 0.3, "metallic": 1.0, "roughness": 0.1, "specular": 0.5, "grain": 0.02, "anisotropy": 0.0, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*", "key": "", "colours": "grey, light, dark", "material": ""}, {"finish": {"slug": "brass", "colour": "#e7c88e", "tint": 0.3, "metallic": 1.0, "roughness": 0.31, "specular": 0.5, "grain": 0.03, "anisotropy": 0.2, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "cage, *k\u00e4fig, *kaefig, retainer", "key": "", "colours": "yellow", "material": ""}, {"finish": {"slug": "ground_steel", "colour": "#cecdcb", "tint": 0.45, "metallic": 1.0, "roughness": 0.2, "specular": 0.5, "grain": 0.02, "anisotropy": 0.45, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel", "key": "", "colours": "grey, light", "material": ""}]}', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', 'AMD EPYC', FALSE, 'Fra:1 Mem:25.70M (Peak 25.70M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000003
I1129 14:51:00.794732   544 device_impl.cpp:47] Using AVX2 CPU kernels.
I1129 14:51:00.795133   544 device_impl.cpp:47] Using AVX2 CPU kernels.
Fra:1 Mem:27.54M (Peak 27.54M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | ground
Fra:1 Mem:27.55M (Peak 27.55M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.0
Fra:1 Mem:27.55M (Peak 27.55M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.1
Fra:1 Mem:27.55M (Peak 27.55M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.2
Fra:1 Mem:27.55M (Peak 27.55M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.3
Fra:1 Mem:27.55M (Peak 27.55M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.4
Fra:1 Mem:27.55M (Peak 27.55M) | Time:00:00.01 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000000
Fra:1 Mem:30.40M (Peak 30.93M) | Time:00:00.02 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000002
Fra:1 Mem:29.95M (Peak 32.98M) | Time:00:00.02 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000001
Fra:1 Mem:33.09M (Peak 39.18M) | Time:00:00.05 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Initializing
Fra:1 Mem:33.08M (Peak 39.18M) | Time:00:00.05 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Waiting for render to start
Fra:1 Mem:33.08M (Peak 39.18M) | Time:00:00.05 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Scene
Fra:1 Mem:33.08M (Peak 39.18M) | Time:00:00.05 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Shaders
Fra:1 Mem:33.08M (Peak 39.18M) | Time:00:00.05 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Loading render kernels (may take a few minutes the first time)
Fra:1 Mem:33.17M (Peak 39.18M) | Time:00:00.05 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Procedurals
Fra:1 Mem:33.17M (Peak 39.18M) | Time:00:00.05 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Background
Fra:1 Mem:33.17M (Peak 39.18M) | Time:00:00.05 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Camera
Fra:1 Mem:33.17M (Peak 39.18M) | Time:00:00.05 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Meshes Flags
Fra:1 Mem:33.17M (Peak 39.18M) | Time:00:00.05 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects
Fra:1 Mem:33.17M (Peak 39.18M) | Time:00:00.05 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects | Copying Transformations to device
Fra:1 Mem:33.18M (Peak 39.18M) | Time:00:00.05 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Particle Systems
Fra:1 Mem:33.18M (Peak 39.18M) | Time:00:00.05 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Particle Systems | Copying Particles to device
Fra:1 Mem:33.18M (Peak 39.18M) | Time:00:00.05 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Meshes
Fra:1 Mem:33.18M (Peak 39.18M) | Time:00:00.05 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Objects | Applying Static Transformations
Fra:1 Mem:33.18M (Peak 39.18M) | Time:00:00.05 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Mesh | Computing attributes
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.05 | Mem:0.02M, Peak:0.02M | Scene, ViewLayer | Updating Mesh | Copying Attributes to device
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.05 | Mem:0.75M, Peak:0.75M | Scene, ViewLayer | Updating Geometry BVH mesh.3 2/1 | Building BVH
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.05 | Mem:1.15M, Peak:1.15M | Scene, ViewLayer | Updating Geometry BVH mesh.3 2/1 | Building BVH 0%
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.06 | Mem:1.60M, Peak:2.01M | Scene, ViewLayer | Updating Scene BVH | Building
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.06 | Mem:1.60M, Peak:2.01M | Scene, ViewLayer | Updating Scene BVH | Building BVH
I1129 14:51:00.861328   571 geometry_bvh.cpp:116] Using EMBREE layout.
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.11 | Mem:7.10M, Peak:9.86M | Scene, ViewLayer | Updating Scene BVH | Copying BVH to device
Fra:1 Mem:33.91M (Peak 39.18M) | Time:00:00.11 | Mem:7.10M, Peak:9.86M | Scene, ViewLayer | Updating Mesh | Computing normals
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:7.10M, Peak:9.86M | Scene, ViewLayer | Updating Mesh | Copying Mesh to device
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Objects Flags
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Primitive Offsets
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Images
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Camera Volume
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.15M, Peak:10.15M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Lights
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Lights | Computing distribution
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Integrator
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Film
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.15M, Peak:10.23M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Baking
Fra:1 Mem:36.96M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Updating Device | Writing constant memory
Fra:1 Mem:36.97M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Loading denoising kernels (may take a few minutes the first time)
Fra:1 Mem:36.97M (Peak 39.18M) | Time:00:00.11 | Mem:10.23M, Peak:10.23M | Scene, ViewLayer | Sample 0/2
Fra:1 Mem:37.26M (Peak 39.18M) | Time:00:00.12 | Remaining:00:00.01 | Mem:10.50M, Peak:10.50M | Scene, ViewLayer | Sample 1/2
Fra:1 Mem:37.36M (Peak 39.18M) | Time:00:00.21 | Mem:10.50M, Peak:10.50M | Scene, ViewLayer | Sample 2/2
Fra:1 Mem:37.36M (Peak 39.18M) | Time:00:00.21 | Mem:10.50M, Peak:10.50M | Scene, ViewLayer | Finished
Fra:1 Mem:37.36M (Peak 39.18M) | Time:00:00.21 | Compositing', '{"wait": 0.089, "start": 0.001, "geometry": 0.2774, "scene": 0.0672, "sync": 0.121, "sample": 0.1144, "save": 0.0047, "total": 0.5863, "render": 0.588}', '', '', '2026-11-29 14:51:00.352186', '2026-11-29 14:51:00.352187', '2026-11-29 14:51:00.438167', '2026-11-29 14:51:01.041013', 11, 1, 1, 9, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', 'CPU', FALSE),
(9, 'encode', 'succeeded', 'cpu', 'asset_pipeline_cpu', 99, '2b5f0af644e1768dc62d4875cdfaeb44f6c2391ba1c1fc3c671f303fe0e0aa40', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "4:3", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "kind": "still", "width": 64, "height": 48, "format": "webp", "encoder": 2, "background": ["#f0f4f8", "#c0c8d0"], "effort": 5, "quality": 82}, "master": 11}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"encode": 0.002, "gate": 0.0}', '', '', '2026-11-29 14:51:01.066093', '2026-11-29 14:51:01.066100', '2026-11-29 14:51:01.090161', '2026-11-29 14:51:01.112594', 12, 1, 1, 9, '{"picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(10, 'tessellate', 'succeeded', 'cpu', 'asset_pipeline_cpu', 60, '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', '{"recipe": {"cad": "372c12463e5663e9b9ada9764a8e577ea0acb67c3abbf5c8288ca27b63ea741e", "tessellation": {"preset": "standard", "linear": 0.0003, "angular": 0.15, "part_linear": 0.002, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"prescan": 0.0072, "read": 0.0056, "glb": 0.0007, "check": 0.0009, "usd": 0.0067, "report": 0.0005, "convert": 0.039}', '', '', '2026-11-29 14:51:01.262415', '2026-11-29 14:51:01.262419', '2026-11-29 14:51:01.293652', '2026-11-29 14:51:01.363427', 13, 5, 4, NULL, '{"geometry": {"hit": false, "changed": [], "why": "first conversion of this CAD file"}}', '', '', FALSE),
(11, 'render', 'succeeded', 'light', 'asset_pipeline', 65, 'f14b120139df286efa31d9b1e8e253db3cac41ad1c33ccbba458bb3bea3821a1', '{"recipe": {"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 96, "height": 96}, "geometry": 13, "kind": "thumbnail", "rules": [{"finish": {"slug": "machined_steel", "colour": "#cecdcb", "tint": 0.5, "metallic": 1.0, "roughness": 0.3, "specular": 0.5, "grain": 0.03, "anisotropy": 0.3, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "", "key": "", "colours": "grey, light", "material": ""}]}', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', 'AMD EPYC', FALSE, 'Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | part.000000
I1129 14:51:01.425328   544 device_impl.cpp:47] Using AVX2 CPU kernels.
I1129 14:51:01.425733   544 device_impl.cpp:47] Using AVX2 CPU kernels.
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.4
Fra:1 Mem:13.42M (Peak 13.42M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.3
Fra:1 Mem:13.43M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.2
Fra:1 Mem:13.43M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.1
Fra:1 Mem:13.43M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | softbox.0
Fra:1 Mem:13.43M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Synchronizing object | ground
Fra:1 Mem:13.43M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Initializing
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Waiting for render to start
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Scene
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Updating Shaders
Fra:1 Mem:13.42M (Peak 13.43M) | Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Loading render kernels (may take a few minutes the first time)
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Procedurals
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Background
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Camera
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Meshes Flags
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects | Copying Transformations to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Particle Systems
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Particle Systems | Copying Particles to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Meshes
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects | Applying Static Transformations
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Computing attributes
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Copying Attributes to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Building
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Building BVH
I1129 14:51:01.430300   577 geometry_bvh.cpp:116] Using EMBREE layout.
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Building BVH 0%
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Scene BVH | Copying BVH to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Computing normals
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Mesh | Copying Mesh to device
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Objects Flags
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Primitive Offsets
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Images
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Camera Volume
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.01M, Peak:0.01M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Lights
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Lights | Computing distribution
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Integrator
Fra:1 Mem:13.51M (Peak 13.51M) | Time:00:00.00 | Mem:0.09M, Peak:0.09M | Scene, ViewLayer | Updating Film
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.01M, Peak:0.09M | Scene, ViewLayer | Updating Lookup Tables
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Updating Baking
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Updating Device | Writing constant memory
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Loading denoising kernels (may take a few minutes the first time)
Fra:1 Mem:13.52M (Peak 13.52M) | Time:00:00.00 | Mem:0.10M, Peak:0.10M | Scene, ViewLayer | Sample 0/2
Fra:1 Mem:14.35M (Peak 14.35M) | Time:00:00.03 | Remaining:00:00.02 | Mem:0.91M, Peak:0.91M | Scene, ViewLayer | Sample 1/2
Fra:1 Mem:14.64M (Peak 14.64M) | Time:00:00.22 | Mem:0.91M, Peak:0.91M | Scene, ViewLayer | Sample 2/2
Fra:1 Mem:14.64M (Peak 14.64M) | Time:00:00.22 | Mem:0.91M, Peak:0.91M | Scene, ViewLayer | Finished
Fra:1 Mem:14.64M (Peak 14.64M) | Time:00:00.22 | Compositing', '{"wait": 0.024, "start": 0.001, "geometry": 0.0044, "scene": 0.0018, "sync": 0.0095, "sample": 0.2591, "save": 0.0045, "total": 0.2832, "render": 0.286}', '', '', '2026-11-29 14:51:01.384759', '2026-11-29 14:51:01.384765', '2026-11-29 14:51:01.401426', '2026-11-29 14:51:01.704969', 15, 5, 4, 2, '{"geometry": {"hit": false, "changed": [], "why": "first conversion of this CAD file"}, "picture": {"hit": false, "changed": ["CAD file"], "why": ""}}', '', 'CPU', FALSE),
(12, 'encode', 'succeeded', 'cpu', 'asset_pipeline_cpu', 65, '3a65776b6d5030c62dc589391d2f938a5f22a9eccece4107de401682cafba5aa', '{"recipe": {"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "kind": "thumbnail", "width": 96, "height": 96, "format": "webp", "encoder": 2, "background": ["#ffffff"], "effort": 4, "quality": 90}, "master": 15}', '', 1, 3, NULL, NULL, NULL, 'render1:a6bda9f5-3224-4106-9473-8739f51f1c83/4026531836:306:98845', FALSE, '', 1.0, 'CPU', 'NONE', '', FALSE, '', '{"encode": 0.006, "gate": 0.0}', '', '', '2026-11-29 14:51:01.725587', '2026-11-29 14:51:01.725594', '2026-11-29 14:51:01.749398', '2026-11-29 14:51:01.777258', 16, 5, 4, 2, '{"picture": {"hit": false, "changed": ["CAD file"], "why": ""}}', '', '', FALSE),
(13, 'render', 'queued', 'light', 'asset_pipeline', 99, '8fb49f07620e79da85e199b98a68f22506bce3e3f731706e76a9c5e34373e231', '{"recipe": {"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "4:3", "samples": 2, "noise_threshold": 0.0, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 64, "height": 48}, "geometry": 13, "kind": "still", "rules": [{"finish": {"slug": "machined_steel", "colour": "#cecdcb", "tint": 0.5, "metallic": 1.0, "roughness": 0.3, "specular": 0.5, "grain": 0.03, "anisotropy": 0.3, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "", "key": "", "colours": "grey, light", "material": ""}]}', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', 1, 3, NULL, NULL, NULL, 'render1:boot/4026531836:4711:1', FALSE, 'waiting to be tried again', 0.0, '', '', '', FALSE, '', '{}', 'hung', 'It said nothing for 600 s. It said nothing for longer than the limit in the system settings. A render is tried again by itself.', '2026-11-29 14:51:01.880429', '2026-11-29 14:51:02.605948', NULL, NULL, NULL, 5, 4, 9, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '|GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11|', '', FALSE),
(14, 'tessellate', 'queued', 'cpu', 'asset_pipeline_cpu', 42, '8755faea94e91f0d446ad482ed2ed4aab97cac24584d4cd9a1ef8c3fd3e1e4ed', '{"recipe": {"cad": "4721d642b6ce113e156fba2a717eabd125cc9b351e100af59be1a39266c33a33", "tessellation": {"preset": "fine", "linear": 0.0001, "angular": 0.08, "part_linear": 0.001, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}}}', '', 0, 3, NULL, NULL, NULL, '', FALSE, '', 0.0, '', '', '', FALSE, '', '{}', '', '', '2026-11-29 14:51:01.886255', '2026-11-29 14:51:01.886258', NULL, NULL, NULL, 1, 1, NULL, '{"geometry": {"hit": false, "changed": ["tessellation.angular", "tessellation.linear", "tessellation.part_linear", "tessellation.preset"], "why": ""}}', '', '', FALSE),
(15, 'tessellate', 'queued', 'cpu', 'asset_pipeline_cpu', 42, 'e30cd337a1a3af0fe5a9e7c6648f0831216e3d799f40ebf5406908738816a2b9', '{"recipe": {"cad": "372c12463e5663e9b9ada9764a8e577ea0acb67c3abbf5c8288ca27b63ea741e", "tessellation": {"preset": "fine", "linear": 0.0001, "angular": 0.08, "part_linear": 0.001, "min_mm": 0.0005, "max_mm": 5.0}, "tools": {"converter": "4", "cadquery-ocp-novtk": "8.0.1.1.0", "usd-core": "26.11"}, "reading": {"unit": "mm"}}}', '', 0, 3, NULL, NULL, NULL, '', FALSE, '', 0.0, '', '', '', FALSE, '', '{}', '', '', '2026-11-29 14:51:01.886303', '2026-11-29 14:51:01.886305', NULL, NULL, NULL, 5, 4, NULL, '{"geometry": {"hit": false, "changed": ["tessellation.angular", "tessellation.linear", "tessellation.part_linear", "tessellation.preset"], "why": ""}}', '', '', FALSE),
(16, 'render', 'failed', 'light', 'asset_pipeline_light', 99, '85a66becd6b0fe47dfd10db0af3cf798f8119404d4f031c8e1cd23bfb8846e6c', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "custom", "hdri": "a34e0d3a9a17a9a55609bbf501257de347bc3019341eb77599cca7b7c5cce096", "hdri_rotation": 45.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "clay", "edges": true}, "aspect": "4:3", "samples": 64, "noise_threshold": 0.02, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}}, "width": 640, "height": 480}, "geometry": 1, "kind": "still", "rules": []}', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', 3, 3, NULL, NULL, NULL, 'render1:boot/4026531836:4711:1', FALSE, 'sampling', 0.4, '', '', '', FALSE, 'Fra:1 Sample 13/64
', '{}', 'blender_crashed', 'Blender ended with signal 11. It is tried again by itself. If it keeps crashing, look at the job''s log.', '2026-11-29 14:51:02.294072', '2026-11-29 14:51:02.325921', '2026-11-29 14:51:02.336536', '2026-11-29 14:51:02.342010', NULL, 1, 1, 11, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(17, 'render', 'canceled', 'light', 'asset_pipeline_light', 50, 'b6152e2acdc9c29fc4d4a6cfbb04fd8437f875ff1791cd613293592013ab8866', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 64, "noise_threshold": 0.02, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "width": 1024, "height": 1024}, "geometry": 1, "kind": "still", "rules": [{"finish": {"slug": "polished_steel", "colour": "#d7d7d6", "tint": 0.3, "metallic": 1.0, "roughness": 0.1, "specular": 0.5, "grain": 0.02, "anisotropy": 0.0, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*", "key": "", "colours": "grey, light, dark", "material": ""}, {"finish": {"slug": "brass", "colour": "#e7c88e", "tint": 0.3, "metallic": 1.0, "roughness": 0.31, "specular": 0.5, "grain": 0.03, "anisotropy": 0.2, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "cage, *k\u00e4fig, *kaefig, retainer", "key": "", "colours": "yellow", "material": ""}, {"finish": {"slug": "ground_steel", "colour": "#cecdcb", "tint": 0.45, "metallic": 1.0, "roughness": 0.2, "specular": 0.5, "grain": 0.02, "anisotropy": 0.45, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel", "key": "", "colours": "grey, light", "material": ""}], "linear": true}', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', 0, 3, NULL, NULL, NULL, '', FALSE, '', 0.0, '', '', '', FALSE, '', '{}', 'canceled', 'Canceled by an operator.', '2026-11-29 14:51:02.385633', '2026-11-29 14:51:02.385638', NULL, '2026-11-29 14:51:02.407794', NULL, 1, 1, 12, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(18, 'render', 'running', 'light', 'asset_pipeline_light', 99, 'b50a4df2c10d330f4a848348f608ef24970b8d9219c9467d4fe0b3b2c66608b3', '{"recipe": {"view": {"geometry": "9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 64, "noise_threshold": 0.02, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "b0bada3636c8bb2f", "surfaces": {"brass": "b3bafb682f6a7518", "ground_steel": "d5d6c336d52d6a64", "polished_steel": "154f24f0b01d416c"}}}, "width": 1024, "height": 1024}, "geometry": 1, "kind": "still", "rules": [{"finish": {"slug": "polished_steel", "colour": "#d7d7d6", "tint": 0.3, "metallic": 1.0, "roughness": 0.1, "specular": 0.5, "grain": 0.02, "anisotropy": 0.0, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*", "key": "", "colours": "grey, light, dark", "material": ""}, {"finish": {"slug": "brass", "colour": "#e7c88e", "tint": 0.3, "metallic": 1.0, "roughness": 0.31, "specular": 0.5, "grain": 0.03, "anisotropy": 0.2, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "cage, *k\u00e4fig, *kaefig, retainer", "key": "", "colours": "yellow", "material": ""}, {"finish": {"slug": "ground_steel", "colour": "#cecdcb", "tint": 0.45, "metallic": 1.0, "roughness": 0.2, "specular": 0.5, "grain": 0.02, "anisotropy": 0.45, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel", "key": "", "colours": "grey, light", "material": ""}]}', '9733995617fcfebdabae168448c8a8eff6546a6ec57f531781cda9d01c1112e2', 1, 3, NULL, '72ac7b7de03144db90c6d057eef49983', '2026-11-29 14:52:32.737000', 'render1:boot/4026531836:4711:1', FALSE, 'sampling', 0.25, 'GPU', 'OPTIX', 'NVIDIA GeForce RTX 4090', FALSE, '', '{}', '', '', '2026-11-29 14:51:02.460175', '2026-11-29 14:51:02.700774', '2026-11-29 14:51:02.734589', NULL, NULL, 1, 1, 3, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', FALSE),
(19, 'render', 'queued', 'light', 'asset_pipeline_light', 99, '1c5116bb329da4a6d822cf4351db1ebd9c448722879eeb87dcb79f4073749f03', '{"recipe": {"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "1:1", "samples": 64, "noise_threshold": 0.02, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 1024, "height": 1024}, "geometry": 13, "kind": "still", "rules": [{"finish": {"slug": "machined_steel", "colour": "#cecdcb", "tint": 0.5, "metallic": 1.0, "roughness": 0.3, "specular": 0.5, "grain": 0.03, "anisotropy": 0.3, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "", "key": "", "colours": "grey, light", "material": ""}]}', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', 1, 3, NULL, NULL, NULL, 'render1:boot/4026531836:4711:1', FALSE, 'waiting to be tried again', 0.0, '', '', '', FALSE, '', '{}', 'lost', 'The worker render1 (attempt 1) died or stopped answering.', '2026-11-29 14:51:02.490414', '2026-11-29 14:51:02.646708', NULL, NULL, NULL, 5, 4, 4, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '|GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11|', '', FALSE),
(20, 'render', 'queued', 'heavy', 'big_one', 50, '34ff41b244406d5eaaac19e4bdcacbdf4aa38a75bbc47c848165ed13d97de65d', '{"recipe": {"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "16:9", "samples": 64, "noise_threshold": 0.02, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "frames": 36, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 480, "height": 270}, "geometry": 13, "kind": "turntable", "rules": [{"finish": {"slug": "machined_steel", "colour": "#cecdcb", "tint": 0.5, "metallic": 1.0, "roughness": 0.3, "specular": 0.5, "grain": 0.03, "anisotropy": 0.3, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "", "key": "", "colours": "grey, light", "material": ""}], "film": "c3529f25b30d9e8879b0af292a4428e5ebb01a3ac7420e7c3a4b43363a6f070d", "frames": [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35]}', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', 0, 3, NULL, NULL, NULL, '', FALSE, '', 0.0, '', '', '', FALSE, '', '{}', '', '', '2026-11-29 14:51:02.526136', '2026-11-29 14:51:02.526138', NULL, NULL, NULL, 5, 4, 13, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', TRUE),
(21, 'render', 'queued', 'heavy', 'big_one', 51, '5ea2c681991a5257c108554352b258596b894f386dbd58b8c3f7367839330a27', '{"recipe": {"view": {"geometry": "78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5", "look": {"camera_view": "three_quarter", "azimuth": null, "elevation": null, "roll": 0.0, "focal_length_mm": 85.0, "orthographic": false, "margin": 0.07, "lighting": "softbox", "hdri": "", "hdri_rotation": 0.0, "hdri_strength": 1.0, "f_stop": null, "ground": "shadow", "view_transform": "Khronos PBR Neutral", "exposure": 0.0, "materials": "rules", "edges": true}, "aspect": "16:9", "samples": 64, "noise_threshold": 0.02, "denoise": true, "renderer": {"blender": "4.5.15", "scene": 4}, "frames": 36, "finishes": {"parts": "c49486c94fcef7b0", "surfaces": {"machined_steel": "39bf84e7813ab5a0"}}}, "width": 480, "height": 270}, "geometry": 13, "kind": "turntable", "rules": [{"finish": {"slug": "machined_steel", "colour": "#cecdcb", "tint": 0.5, "metallic": 1.0, "roughness": 0.3, "specular": 0.5, "grain": 0.03, "anisotropy": 0.3, "brushed": 0.0, "coat": 0.0, "coat_roughness": 0.08, "transmission": 0.0, "ior": 1.5}, "words": "", "key": "", "colours": "grey, light", "material": ""}], "film": "c3529f25b30d9e8879b0af292a4428e5ebb01a3ac7420e7c3a4b43363a6f070d", "frames": [1, 19, 36]}', '78c767d73b6f228b8438f6e4aeeaa86f14e57201bb36115759e04f8a5545afd5', 0, 3, NULL, NULL, NULL, '', FALSE, '', 0.0, '', '', '', FALSE, '', '{}', '', '', '2026-11-29 14:51:02.526052', '2026-11-29 14:51:02.526056', NULL, NULL, NULL, 5, 4, 13, '{"geometry": {"hit": true, "changed": [], "why": ""}, "picture": {"hit": false, "changed": [], "why": "first picture of this product in this output type"}}', '', '', TRUE);
INSERT INTO "rendering_materialrule" ("id", "position", "words", "part_key", "colours", "cad_material", "is_active", "note", "finish_id", "product_id") VALUES
(1, 10, '', '', '', 'glass, glas', TRUE, '', 24, NULL),
(2, 20, '', '', 'dark, grey, light, white', 'rubber*, gummi, nbr, epdm, fkm, viton, silicon*, elastomer*', TRUE, '', 17, NULL),
(3, 30, '', '', '', 'rubber*, gummi, nbr, epdm, fkm, viton, silicon*, elastomer*', TRUE, '', 18, NULL),
(4, 40, '', '', '', 'brass, messing, cuzn*', TRUE, '', 14, NULL),
(5, 50, '', '', '', 'bronze, cusn*', TRUE, '', 15, NULL),
(6, 60, '', '', '', 'copper, kupfer', TRUE, '', 16, NULL),
(7, 70, '', '', 'grey, light, white', 'alumin*, alu, almg*, alsi*, 6061, 6082, 7075', TRUE, '', 10, NULL),
(8, 80, '', '', 'grey, light', 'stainless*, edelstahl, inox, 1.4###, aisi 3##', TRUE, '', 5, NULL),
(9, 90, '', '', 'grey, dark, light', 'cast iron, *guss*, gjl*, gjs*', TRUE, '', 6, NULL),
(10, 100, '', '', 'grey, light', 'steel, *stahl, s235*, s355*, c45*, 100cr6, 42crmo4', TRUE, '', 2, NULL),
(11, 110, '', '', 'white, light', 'pom, acetal, delrin', TRUE, '', 22, NULL),
(12, 120, '', '', '', 'plastic*, kunststoff*, abs, pa, pa6*, nylon, pom, peek, pe, pp, pvc, ptfe, poly*', TRUE, '', 19, NULL),
(13, 130, 'glass, glas, lens, linse, window, fenster', '', 'grey, light, clear', '', TRUE, '', 24, NULL),
(14, 140, 'acryl*, plexi*, pmma, polycarbonat*', '', 'clear, light', '', TRUE, '', 25, NULL),
(15, 150, '', '', 'clear', '', TRUE, '', 24, NULL),
(16, 160, 'rubber, *gummi, seal, *seal, *dicht*, o ring, gasket*, grommet, bellows, tyre, tire, reifen, nbr, epdm, fkm', '', 'dark, grey, light, white', '', TRUE, '', 17, NULL),
(17, 170, 'rubber, *gummi, seal, *seal, *dicht*, o ring, gasket*, grommet, bellows, tyre, tire, reifen, nbr, epdm, fkm', '', '', '', TRUE, '', 18, NULL),
(18, 180, 'brass, *messing', '', '', '', TRUE, '', 14, NULL),
(19, 190, 'bronze, *bronze', '', '', '', TRUE, '', 15, NULL),
(20, 200, 'copper, *kupfer*', '', '', '', TRUE, '', 16, NULL),
(21, 210, 'stainless, edelstahl, inox, brushed', '', 'grey, light', '', TRUE, '', 5, NULL),
(22, 220, 'zinc*, verzinkt*, galvani*', '', 'yellow', '', TRUE, '', 9, NULL),
(23, 230, 'zinc*, verzinkt*, galvani*', '', 'grey, light, white', '', TRUE, '', 8, NULL),
(24, 240, 'anodi*, eloxiert, eloxal*', '', 'dark', '', TRUE, '', 12, NULL),
(25, 250, 'anodi*, eloxiert, eloxal*', '', 'grey, light, white', '', TRUE, '', 11, NULL),
(26, 260, 'anodi*, eloxiert, eloxal*', '', '', '', TRUE, '', 13, NULL),
(27, 270, 'powder coat*, pulverbeschicht*', '', '', '', TRUE, '', 29, NULL),
(28, 280, 'cast iron, casting, gusseisen, *guss', '', 'grey, dark', '', TRUE, '', 6, NULL),
(29, 290, 'pcb, *leiterplatte, circuit board', '', '', '', TRUE, '', 23, NULL),
(30, 300, 'ball, balls, *kugel*, roller*, *rolle, *rollen, needle*, nadel*', '', 'grey, light, dark', '', TRUE, '', 3, NULL),
(31, 310, 'cage, *käfig, *kaefig, retainer', '', 'yellow', '', TRUE, '', 14, NULL),
(32, 320, 'cage, *käfig, *kaefig, retainer, sheet, *blech*, shield, deckscheibe', '', 'grey, light', '', TRUE, '', 4, NULL),
(33, 330, 'pom, delrin, acetal', '', 'white', '', TRUE, '', 22, NULL),
(34, 340, 'cage, *käfig, *kaefig, retainer, plastic, kunststoff, abs, pa6*, pom, nylon', '', '', '', TRUE, '', 19, NULL),
(35, 350, 'alu*, 6061, 6082, 7075', '', 'grey, light', '', TRUE, '', 10, NULL),
(36, 360, 'ring, *ring, rings, race, *bearing, *lager, shaft, *welle, spindle, pin, *bolzen, *stift, dowel', '', 'grey, light', '', TRUE, '', 1, NULL),
(37, 370, 'screw*, *schraube*, bolt, bolts, nut, nuts, *mutter, washer*, *scheibe, din #*, iso #*', '', 'dark', '', TRUE, '', 7, NULL),
(38, 380, 'screw*, *schraube*, bolt, bolts, nut, nuts, *mutter, washer*, *scheibe, din #*, iso #*', '', 'yellow', '', TRUE, '', 9, NULL),
(39, 390, 'screw*, *schraube*, bolt, bolts, nut, nuts, *mutter, washer*, *scheibe, din #*, iso #*', '', 'grey, light', '', TRUE, '', 2, NULL),
(40, 400, '', '', 'dark, white', '', TRUE, '', 19, NULL),
(41, 410, '', '', 'yellow', '', TRUE, '', 14, NULL),
(42, 420, '', '', 'copper', '', TRUE, '', 16, NULL),
(43, 430, '', '', 'grey, light', '', TRUE, '', 2, NULL),
(44, 440, '', '', '', '', TRUE, '', 26, NULL),
(45, 5, 'cap, lid', '', 'clear, #b01020', '', TRUE, 'Corporate', 31, NULL);
INSERT INTO "rendering_newschoice" ("id", "on_finished", "on_failed", "user_id") VALUES
(1, FALSE, TRUE, 2),
(2, TRUE, FALSE, 3);
INSERT INTO "rendering_notification" ("id", "key", "event", "occurred", "email", "body", "state", "attempts", "next_attempt", "error", "created", "sent", "order_id", "webhook_id") VALUES
(1, '5fdb2f9b8d6c49e0a8d4d54c19e28a57', 'order.finished', '2026-11-29 14:51:01.131843', '', '{"event": "order.finished", "occurred": "2026-11-29T14:51:01.131843+00:00", "order": {"id": 3, "url": "http://localhost:8000/admin/rendering/order/3/change/", "trigger": "operator", "ordered_by": "olga", "note": "For the fair", "due": "2026-12-24", "created": "2026-11-29T14:51:00.329852+00:00", "lines": {"total": 2, "done": 2, "failed": 0, "canceled": 0}}, "failures": []}', 'sent', 1, '2026-11-29 14:51:01.174349', '', '2026-11-29 14:51:01.174359', '2026-11-29 14:51:02.740097', 3, 1),
(2, 'a85b09f41b2444029c53fca28e0ce2ab', 'order.finished', '2026-11-29 14:51:01.131843', 'olga@example.com', '{"event": "order.finished", "occurred": "2026-11-29T14:51:01.131843+00:00", "order": {"id": 3, "url": "http://localhost:8000/admin/rendering/order/3/change/", "trigger": "operator", "ordered_by": "olga", "note": "For the fair", "due": "2026-12-24", "created": "2026-11-29T14:51:00.329852+00:00", "lines": {"total": 2, "done": 2, "failed": 0, "canceled": 0}}, "failures": []}', 'given_up', 8, '2026-11-29 14:51:01.174388', 'No answer within 10 s.', '2026-11-29 14:51:01.174390', NULL, 3, NULL),
(3, '13ce190bd5a24916beab4e209da4cdd8', 'order.finished', '2026-11-29 14:51:01.217263', '', '{"event": "order.finished", "occurred": "2026-11-29T14:51:01.217263+00:00", "order": {"id": 4, "url": "http://localhost:8000/admin/rendering/order/4/change/", "trigger": "operator", "ordered_by": "olga", "note": "", "due": null, "created": "2026-11-29T14:51:01.196111+00:00", "lines": {"total": 1, "done": 1, "failed": 0, "canceled": 0}}, "failures": []}', 'waiting', 0, '2026-11-29 14:51:01.224612', '', '2026-11-29 14:51:01.224619', NULL, 4, 1),
(4, '7770ac567dba4bf3975d9962ec9c5c98', 'order.finished', '2026-11-29 14:51:01.805325', '', '{"event": "order.finished", "occurred": "2026-11-29T14:51:01.805325+00:00", "order": {"id": 5, "url": "http://localhost:8000/admin/rendering/order/5/change/", "trigger": "upload", "ordered_by": "olga", "note": "", "due": null, "created": "2026-11-29T14:51:01.247566+00:00", "lines": {"total": 1, "done": 1, "failed": 0, "canceled": 0}}, "failures": []}', 'waiting', 0, '2026-11-29 14:51:01.809916', '', '2026-11-29 14:51:01.809923', NULL, 5, 1),
(5, 'a4733ba9137b416aa897474ac5fc38b6', 'order.failed', '2026-11-29 14:51:02.355685', '', '{"event": "order.failed", "occurred": "2026-11-29T14:51:02.355685+00:00", "order": {"id": 7, "url": "http://localhost:8000/admin/rendering/order/7/change/", "trigger": "operator", "ordered_by": "olga", "note": "Fails", "due": null, "created": "2026-11-29T14:51:02.285418+00:00", "lines": {"total": 1, "done": 0, "failed": 1, "canceled": 0}}, "failures": [{"product": "BRG-7", "output_type": "outdoors", "code": "blender_crashed", "message": "Blender ended with signal 11. It is tried again by itself. If it keeps crashing, look at the job''s log."}]}', 'waiting', 0, '2026-11-29 14:51:02.359751', '', '2026-11-29 14:51:02.359758', NULL, 7, 1),
(6, '50cc0684a38b4ea0bcc2cd5dfbafcb55', 'order.failed', '2026-11-29 14:51:02.355685', 'olga@example.com', '{"event": "order.failed", "occurred": "2026-11-29T14:51:02.355685+00:00", "order": {"id": 7, "url": "http://localhost:8000/admin/rendering/order/7/change/", "trigger": "operator", "ordered_by": "olga", "note": "Fails", "due": null, "created": "2026-11-29T14:51:02.285418+00:00", "lines": {"total": 1, "done": 0, "failed": 1, "canceled": 0}}, "failures": [{"product": "BRG-7", "output_type": "outdoors", "code": "blender_crashed", "message": "Blender ended with signal 11. It is tried again by itself. If it keeps crashing, look at the job''s log."}]}', 'waiting', 0, '2026-11-29 14:51:02.359778', '', '2026-11-29 14:51:02.359779', NULL, 7, NULL);
INSERT INTO "rendering_order" ("id", "trigger", "priority", "created", "ordered_by_id", "workflow_id", "due", "note", "paused", "finished", "tells", "workflow_version_id") VALUES
(1, 'upload', 60, '2026-11-29 14:50:55.347031', 2, 1, NULL, '', FALSE, '2026-11-29 14:51:00.224948', FALSE, 1),
(2, 'upload', 60, '2026-11-29 14:50:55.501982', 2, 1, NULL, '', FALSE, '2026-11-29 14:51:00.301004', FALSE, 1),
(3, 'operator', 50, '2026-11-29 14:51:00.329852', 2, NULL, '2026-12-24', 'For the fair', FALSE, '2026-11-29 14:51:01.131843', TRUE, NULL),
(4, 'operator', 50, '2026-11-29 14:51:01.196111', 2, NULL, NULL, '', FALSE, '2026-11-29 14:51:01.217263', FALSE, NULL),
(5, 'upload', 60, '2026-11-29 14:51:01.247566', 2, 1, NULL, '', FALSE, '2026-11-29 14:51:01.805325', FALSE, 1),
(6, 'operator', 40, '2026-11-29 14:51:01.858696', 2, 2, NULL, '', FALSE, NULL, FALSE, 4),
(7, 'operator', 50, '2026-11-29 14:51:02.285418', 2, NULL, NULL, 'Fails', FALSE, '2026-11-29 14:51:02.355685', TRUE, NULL),
(8, 'operator', 50, '2026-11-29 14:51:02.373130', 2, NULL, NULL, '', FALSE, '2026-11-29 14:51:02.402881', FALSE, NULL),
(9, 'operator', 80, '2026-11-29 14:51:02.432880', 2, NULL, NULL, '', FALSE, NULL, FALSE, NULL),
(10, 'operator', 50, '2026-11-29 14:51:02.474067', 3, NULL, NULL, '', FALSE, NULL, FALSE, NULL),
(11, 'operator', 50, '2026-11-29 14:51:02.507690', 2, NULL, NULL, '', TRUE, NULL, FALSE, NULL);
INSERT INTO "rendering_orderline" ("id", "state", "source", "recipe_key", "master_width", "master_height", "not_before", "error_code", "error", "created", "finished", "asset_id", "cad_file_id", "order_id", "product_id", "output_type_id", "lead") VALUES
(1, 'done', 'rendered', 'a11e69a147f17effe4c87d43a425c0a12b9ba782c2c8a5f5a388c09add738ef9', 96, 96, NULL, '', '', '2026-11-29 14:50:55.378776', '2026-11-29 14:51:00.216682', 8, 1, 1, 1, 2, 5),
(2, 'done', 'rendered', 'b53e184d98c24db33702ca3b67e258f450a0f8df26a01efaedb19d99f069b1cb', 96, 96, NULL, '', '', '2026-11-29 14:50:55.512054', '2026-11-29 14:51:00.288210', 9, 4, 2, 4, 2, 5),
(3, 'done', 'derived', '33eaed87f3d627666dae3e30bbcdafa34f7880b3262a0bb6e43c66d8600d6de6', 64, 64, NULL, '', '', '2026-11-29 14:51:00.334437', '2026-11-29 14:51:00.412594', 10, 1, 3, 1, 1, NULL),
(4, 'done', 'rendered', '2b5f0af644e1768dc62d4875cdfaeb44f6c2391ba1c1fc3c671f303fe0e0aa40', 64, 48, NULL, '', '', '2026-11-29 14:51:00.334484', '2026-11-29 14:51:01.123865', 12, 1, 3, 1, 9, NULL),
(5, 'done', 'cached', '33eaed87f3d627666dae3e30bbcdafa34f7880b3262a0bb6e43c66d8600d6de6', 64, 64, NULL, '', '', '2026-11-29 14:51:01.202958', '2026-11-29 14:51:01.204171', 10, 1, 4, 1, 1, NULL),
(6, 'done', 'rendered', '3a65776b6d5030c62dc589391d2f938a5f22a9eccece4107de401682cafba5aa', 96, 96, NULL, '', '', '2026-11-29 14:51:01.255669', '2026-11-29 14:51:01.785679', 16, 5, 5, 4, 2, 5),
(7, 'working', 'rendered', 'c3a6ad0ed94e8f423e1c57978512f202c8456006482c43b3ce15e6dfa5ff753e', 64, 48, NULL, '', '', '2026-11-29 14:51:01.869348', NULL, NULL, 5, 6, 4, 9, 0),
(8, 'failed', 'rendered', '8fd58e831803d0e8b91cf1d7eae11bd3fd4d10941c65bc321101b9f02012c57f', 640, 480, NULL, 'blender_crashed', 'Blender ended with signal 11. It is tried again by itself. If it keeps crashing, look at the job''s log.', '2026-11-29 14:51:02.286377', '2026-11-29 14:51:02.350764', NULL, 1, 7, 1, 11, NULL),
(9, 'canceled', 'rendered', '4cf62f9d5ac666aeb0664234e935e0943e4ec86ba588cff1cb222c1d735a5926', 1024, 1024, NULL, 'canceled', 'Canceled by an operator.', '2026-11-29 14:51:02.377391', '2026-11-29 14:51:02.397661', NULL, 1, 8, 1, 12, NULL),
(10, 'working', 'rendered', '3f4884b50dd073b15778ce305204f09bd2d1062868f2dc1d911c0eafe6d5f7b8', 1024, 1024, NULL, '', '', '2026-11-29 14:51:02.446261', NULL, NULL, 1, 9, 1, 3, NULL),
(11, 'working', 'rendered', '01bc4c756834624e0ba55c1b56238ccfe21f1f1695232c240c8c3b19747c3d5d', 1024, 1024, NULL, '', '', '2026-11-29 14:51:02.477921', NULL, NULL, 5, 10, 4, 4, NULL),
(12, 'working', 'rendered', '15ac3eb38fc8405a4468b274529493b84562c48153f0f308fb42b693baf4a895', 480, 270, NULL, '', '', '2026-11-29 14:51:02.511859', NULL, NULL, 5, 11, 4, 13, NULL);
INSERT INTO "rendering_orderline_jobs" ("id", "orderline_id", "job_id") VALUES
(1, 1, 1),
(2, 2, 2),
(3, 1, 3),
(4, 2, 4),
(5, 1, 5),
(6, 2, 6),
(7, 3, 7),
(8, 4, 8),
(9, 4, 9),
(10, 6, 10),
(11, 6, 11),
(12, 6, 12),
(13, 7, 13),
(14, 8, 16),
(15, 9, 17),
(16, 10, 18),
(17, 11, 19),
(18, 12, 21),
(19, 12, 20);
INSERT INTO "rendering_orderstep" ("id", "number", "is_first", "force", "state", "cause", "reason", "created", "cad_file_id", "job_id", "line_id", "order_id", "product_id") VALUES
(1, 1, TRUE, FALSE, 'ordered', '', '', '2026-11-29 14:50:55.351750', 1, NULL, 1, 1, 1),
(2, 1, TRUE, FALSE, 'ordered', '', '', '2026-11-29 14:50:55.502341', 4, NULL, 2, 2, 4),
(3, 1, FALSE, FALSE, 'ordered', '', '', '2026-11-29 14:51:01.247906', 5, NULL, 6, 5, 4),
(4, 1, TRUE, FALSE, 'ordered', '', '', '2026-11-29 14:51:01.858990', 1, 14, NULL, 6, 1),
(5, 2, TRUE, FALSE, 'waiting', '', 'Step 1 comes first.', '2026-11-29 14:51:01.859007', 1, 14, NULL, 6, 1),
(6, 3, TRUE, FALSE, 'skipped', 'condition', 'The CAD file is STEP, not STL or OBJ.', '2026-11-29 14:51:01.859022', 1, NULL, NULL, 6, 1),
(7, 1, FALSE, FALSE, 'ordered', '', '', '2026-11-29 14:51:01.859046', 5, 15, NULL, 6, 4),
(8, 2, FALSE, FALSE, 'skipped', 'condition', 'The product number is not like BRG*.', '2026-11-29 14:51:01.859068', 5, NULL, NULL, 6, 4),
(9, 3, FALSE, FALSE, 'ordered', '', '', '2026-11-29 14:51:01.859083', 5, NULL, 7, 6, 4);
INSERT INTO "rendering_outputtype" ("id", "slug", "name", "kind", "is_active", "camera", "azimuth", "elevation", "roll", "orthographic", "focal_length", "margin", "lighting", "exposure", "ground", "background", "background_colour", "view_transform", "tessellation", "samples", "denoise", "width", "height", "format", "quality", "lossless", "frames", "fps", "bit_depth", "effort", "f_stop", "gradient_colour", "hdri_rotation", "hdri_strength", "materials", "soft_edges", "environment_id", "noise_threshold") VALUES
(1, 'draft', 'Quick look', 'still', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 2, TRUE, 64, 64, 'png', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.0),
(2, 'thumbnail', 'Thumbnail 256 px', 'thumbnail', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 2, TRUE, 96, 96, 'webp', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.0),
(3, 'still-1024', 'Still 1024 px', 'still', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 1024, 1024, 'png', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(4, 'still-1024-webp', 'Still 1024 px, WebP', 'still', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 1024, 1024, 'webp', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(5, 'still-2048', 'Still 2048 px', 'still', FALSE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 2048, 2048, 'png', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(6, 'turntable-mp4', 'Turntable 720 px, MP4', 'turntable', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 720, 720, 'mp4', 90, FALSE, 72, 24, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(7, 'turntable-webm', 'Turntable 720 px, WebM, transparent', 'turntable', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'transparent', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 720, 720, 'webm', 80, FALSE, 72, 24, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(8, 'turntable-webp', 'Turntable 360 px, animated WebP, transparent', 'turntable', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'transparent', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 360, 360, 'awebp', 75, FALSE, 72, 24, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(9, 'shop', 'Shop', 'still', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'gradient', '#F0F4f8', 'Khronos PBR Neutral', 'standard', 2, TRUE, 64, 48, 'webp', 82, FALSE, NULL, NULL, 8, 5, NULL, '#c0c8d0', 0.0, 1.0, 'rules', TRUE, NULL, 0.0),
(10, 'print', 'Print', 'still', TRUE, 'custom', 30.0, 12.5, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'fine', 64, TRUE, 3000, 2000, 'tiff', 90, FALSE, NULL, NULL, 16, 4, 8.0, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(11, 'outdoors', 'Outdoors', 'still', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'custom', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 640, 480, 'jpg', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 45.0, 1.0, 'clay', TRUE, 1, 0.02),
(12, 'comp', 'For compositing', 'still', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'transparent', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 1024, 1024, 'exr', 90, FALSE, NULL, NULL, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02),
(13, 'spin', 'Spin', 'turntable', TRUE, 'three_quarter', 0.0, 0.0, 0.0, FALSE, 85.0, 0.07, 'softbox', 0.0, 'shadow', 'colour', '#ffffff', 'Khronos PBR Neutral', 'standard', 64, TRUE, 480, 270, 'mp4', 90, FALSE, 36, 12, 8, 4, NULL, '#d8dbe0', 0.0, 1.0, 'rules', TRUE, NULL, 0.02);
INSERT INTO "rendering_rolegrant" ("id", "role", "permission") VALUES
(1, 'Viewer', 'media_assets.view_cadfile'),
(2, 'Viewer', 'media_assets.view_product'),
(3, 'Viewer', 'media_assets.view_mediaasset'),
(4, 'Viewer', 'gpu.view_gpudevice'),
(5, 'Viewer', 'gpu.view_gpuprobe'),
(6, 'Viewer', 'gpu.view_systemsettings'),
(7, 'Viewer', 'gpu.view_worker'),
(8, 'Viewer', 'rendering.view_workflow'),
(9, 'Viewer', 'rendering.view_job'),
(10, 'Viewer', 'rendering.view_attempt'),
(11, 'Viewer', 'rendering.view_order'),
(12, 'Viewer', 'rendering.view_outputtype'),
(13, 'Viewer', 'rendering.view_workflowstep'),
(14, 'Viewer', 'rendering.view_orderline'),
(15, 'Viewer', 'rendering.view_environment'),
(16, 'Viewer', 'rendering.view_finish'),
(17, 'Viewer', 'rendering.view_materialrule'),
(18, 'Viewer', 'rendering.view_newschoice'),
(19, 'Viewer', 'rendering.view_notification'),
(20, 'Viewer', 'rendering.view_reports'),
(21, 'Viewer', 'rendering.view_historyentry'),
(22, 'Operator', 'media_assets.view_cadfile'),
(23, 'Operator', 'media_assets.view_product'),
(24, 'Operator', 'media_assets.view_mediaasset'),
(25, 'Operator', 'gpu.view_gpudevice'),
(26, 'Operator', 'gpu.view_gpuprobe'),
(27, 'Operator', 'gpu.view_systemsettings'),
(28, 'Operator', 'gpu.view_worker'),
(29, 'Operator', 'rendering.view_workflow'),
(30, 'Operator', 'rendering.view_job'),
(31, 'Operator', 'rendering.view_attempt'),
(32, 'Operator', 'rendering.view_order'),
(33, 'Operator', 'rendering.view_outputtype'),
(34, 'Operator', 'rendering.view_workflowstep'),
(35, 'Operator', 'rendering.view_orderline'),
(36, 'Operator', 'rendering.view_environment'),
(37, 'Operator', 'rendering.view_finish'),
(38, 'Operator', 'rendering.view_materialrule'),
(39, 'Operator', 'rendering.view_newschoice'),
(40, 'Operator', 'rendering.view_notification'),
(41, 'Operator', 'rendering.view_reports'),
(42, 'Operator', 'rendering.view_historyentry'),
(43, 'Operator', 'media_assets.add_cadfile'),
(44, 'Operator', 'media_assets.change_cadfile'),
(45, 'Operator', 'media_assets.add_product'),
(46, 'Operator', 'media_assets.change_product'),
(47, 'Operator', 'rendering.cancel_job'),
(48, 'Operator', 'rendering.retry_job'),
(49, 'Operator', 'rendering.add_order'),
(50, 'Operator', 'rendering.change_order'),
(51, 'Operator', 'rendering.prioritise_order'),
(52, 'Operator', 'rendering.pause_order'),
(53, 'Operator', 'rendering.add_sharelink'),
(54, 'Operator', 'rendering.change_sharelink'),
(55, 'Operator', 'rendering.view_sharelink'),
(56, 'Operator', 'rendering.see_everybody'),
(57, 'Render admin', 'media_assets.add_cadfile'),
(58, 'Render admin', 'media_assets.change_cadfile'),
(59, 'Render admin', 'media_assets.delete_cadfile'),
(60, 'Render admin', 'media_assets.view_cadfile'),
(61, 'Render admin', 'media_assets.add_product'),
(62, 'Render admin', 'media_assets.change_product'),
(63, 'Render admin', 'media_assets.delete_product'),
(64, 'Render admin', 'media_assets.view_product'),
(65, 'Render admin', 'media_assets.add_mediaasset'),
(66, 'Render admin', 'media_assets.change_mediaasset'),
(67, 'Render admin', 'media_assets.delete_mediaasset'),
(68, 'Render admin', 'media_assets.view_mediaasset'),
(69, 'Render admin', 'gpu.add_gpudevice'),
(70, 'Render admin', 'gpu.change_gpudevice'),
(71, 'Render admin', 'gpu.delete_gpudevice'),
(72, 'Render admin', 'gpu.view_gpudevice'),
(73, 'Render admin', 'gpu.add_gpuprobe'),
(74, 'Render admin', 'gpu.change_gpuprobe'),
(75, 'Render admin', 'gpu.delete_gpuprobe'),
(76, 'Render admin', 'gpu.view_gpuprobe'),
(77, 'Render admin', 'gpu.probe_gpu'),
(78, 'Render admin', 'gpu.add_systemsettings'),
(79, 'Render admin', 'gpu.change_systemsettings'),
(80, 'Render admin', 'gpu.delete_systemsettings'),
(81, 'Render admin', 'gpu.view_systemsettings'),
(82, 'Render admin', 'gpu.add_worker'),
(83, 'Render admin', 'gpu.change_worker'),
(84, 'Render admin', 'gpu.delete_worker'),
(85, 'Render admin', 'gpu.view_worker'),
(86, 'Render admin', 'gpu.pause_queue'),
(87, 'Render admin', 'rendering.add_workflow'),
(88, 'Render admin', 'rendering.change_workflow'),
(89, 'Render admin', 'rendering.delete_workflow'),
(90, 'Render admin', 'rendering.view_workflow'),
(91, 'Render admin', 'rendering.add_job'),
(92, 'Render admin', 'rendering.change_job'),
(93, 'Render admin', 'rendering.delete_job'),
(94, 'Render admin', 'rendering.view_job'),
(95, 'Render admin', 'rendering.cancel_job'),
(96, 'Render admin', 'rendering.retry_job'),
(97, 'Render admin', 'rendering.add_attempt'),
(98, 'Render admin', 'rendering.change_attempt'),
(99, 'Render admin', 'rendering.delete_attempt'),
(100, 'Render admin', 'rendering.view_attempt'),
(101, 'Render admin', 'rendering.add_order'),
(102, 'Render admin', 'rendering.change_order'),
(103, 'Render admin', 'rendering.delete_order'),
(104, 'Render admin', 'rendering.view_order'),
(105, 'Render admin', 'rendering.prioritise_order'),
(106, 'Render admin', 'rendering.pause_order'),
(107, 'Render admin', 'rendering.add_outputtype'),
(108, 'Render admin', 'rendering.change_outputtype'),
(109, 'Render admin', 'rendering.delete_outputtype'),
(110, 'Render admin', 'rendering.view_outputtype'),
(111, 'Render admin', 'rendering.add_workflowstep'),
(112, 'Render admin', 'rendering.change_workflowstep'),
(113, 'Render admin', 'rendering.delete_workflowstep'),
(114, 'Render admin', 'rendering.view_workflowstep'),
(115, 'Render admin', 'rendering.add_orderline'),
(116, 'Render admin', 'rendering.change_orderline'),
(117, 'Render admin', 'rendering.delete_orderline'),
(118, 'Render admin', 'rendering.view_orderline'),
(119, 'Render admin', 'rendering.add_environment'),
(120, 'Render admin', 'rendering.change_environment'),
(121, 'Render admin', 'rendering.delete_environment'),
(122, 'Render admin', 'rendering.view_environment'),
(123, 'Render admin', 'rendering.add_finish'),
(124, 'Render admin', 'rendering.change_finish'),
(125, 'Render admin', 'rendering.delete_finish'),
(126, 'Render admin', 'rendering.view_finish'),
(127, 'Render admin', 'rendering.add_materialrule'),
(128, 'Render admin', 'rendering.change_materialrule'),
(129, 'Render admin', 'rendering.delete_materialrule'),
(130, 'Render admin', 'rendering.view_materialrule'),
(131, 'Render admin', 'rendering.add_newschoice'),
(132, 'Render admin', 'rendering.change_newschoice'),
(133, 'Render admin', 'rendering.delete_newschoice'),
(134, 'Render admin', 'rendering.view_newschoice'),
(135, 'Render admin', 'rendering.add_notification'),
(136, 'Render admin', 'rendering.change_notification'),
(137, 'Render admin', 'rendering.delete_notification'),
(138, 'Render admin', 'rendering.view_notification'),
(139, 'Render admin', 'rendering.add_webhook'),
(140, 'Render admin', 'rendering.change_webhook'),
(141, 'Render admin', 'rendering.delete_webhook'),
(142, 'Render admin', 'rendering.view_webhook'),
(143, 'Render admin', 'rendering.add_rolegrant'),
(144, 'Render admin', 'rendering.change_rolegrant'),
(145, 'Render admin', 'rendering.delete_rolegrant'),
(146, 'Render admin', 'rendering.view_rolegrant'),
(147, 'Render admin', 'rendering.view_reports'),
(148, 'Render admin', 'rendering.add_sharelink'),
(149, 'Render admin', 'rendering.change_sharelink'),
(150, 'Render admin', 'rendering.delete_sharelink'),
(151, 'Render admin', 'rendering.view_sharelink'),
(152, 'Render admin', 'rendering.view_historyentry'),
(153, 'Render admin', 'rendering.see_everybody');
INSERT INTO "rendering_sharelink" ("id", "key", "note", "created", "expires", "revoked", "downloads", "last_used", "asset_id", "created_by_id", "order_id") VALUES
(1, 'Zm9yLXRoZS1hZ2VuY3k', 'The agency', '2026-11-29 14:51:02.040488', '2126-11-05 14:51:02.039189', NULL, 0, NULL, NULL, 2, 3),
(2, 'Y2xvc2VkLWFnYWlu', '', '2026-11-29 14:51:02.041678', '2126-11-05 14:51:02.039189', '2026-11-29 14:51:02.042844', 1, '2026-11-29 14:51:02.042590', 12, 2, NULL);
INSERT INTO "rendering_webhook" ("id", "name", "url", "secret", "on_finished", "on_failed", "on_canceled", "is_active", "created") VALUES
(1, 'Shop', 'https://shop.example.com/hooks/renders', 'shared with the shop', TRUE, TRUE, FALSE, TRUE, '2026-11-29 14:51:00.367706'),
(2, 'Chat', 'https://chat.example.com/in', 'pYpMa_kkr-bh8qtKIIiNPMRp2Alsa45tPCoM7IHqUw4', FALSE, TRUE, FALSE, FALSE, '2026-11-29 14:51:00.369282');
INSERT INTO "rendering_workflow" ("id", "slug", "name", "runs_on_upload", "priority", "uploads") VALUES
(1, 'on-upload', 'On upload', TRUE, 70, 'every'),
(2, 'catalog', 'Catalog', FALSE, 40, 'every');
INSERT INTO "rendering_workflowstep" ("id", "position", "output_type_id", "workflow_id", "after", "formats", "kind", "longest_max", "longest_min", "numbers", "structure", "tessellation", "when") VALUES
(1, 1, 2, 1, NULL, '[]', 'output', NULL, NULL, '', '', 'standard', 'always'),
(2, 2, 1, 1, 1, '[]', 'output', NULL, NULL, '', '', 'standard', 'revision'),
(3, 1, NULL, 2, NULL, '[]', 'usd', NULL, NULL, '', '', 'fine', 'always'),
(4, 2, 10, 2, 1, '[]', 'output', NULL, NULL, 'BRG*', 'assembly', 'standard', 'always'),
(5, 3, 9, 2, NULL, '["stl", "obj"]', 'output', 500.0, 5.0, '', '', 'standard', 'always');
INSERT INTO "rendering_workflowversion" ("id", "number", "name", "runs_on_upload", "uploads", "priority", "steps_json", "by", "created", "workflow_id") VALUES
(1, 1, 'On upload', TRUE, 'every', 60, '[{"kind": "output", "output_type": 2, "slug": "thumbnail", "name": "Thumbnail 256 px", "tessellation": "standard", "when": "always", "numbers": "", "formats": [], "structure": "", "longest_min": null, "longest_max": null, "after": null}]', '', '2026-11-29 14:50:53.948895', 1),
(2, 2, 'On upload', TRUE, 'every', 70, '[{"kind": "output", "output_type": 2, "slug": "thumbnail", "name": "Thumbnail 256 px", "tessellation": "standard", "when": "always", "numbers": "", "formats": [], "structure": "", "longest_min": null, "longest_max": null, "after": null}]', 'olga', '2026-11-29 14:51:01.839543', 1),
(3, 3, 'On upload', TRUE, 'every', 70, '[{"kind": "output", "output_type": 2, "slug": "thumbnail", "name": "Thumbnail 256 px", "tessellation": "standard", "when": "always", "numbers": "", "formats": [], "structure": "", "longest_min": null, "longest_max": null, "after": null}, {"kind": "output", "output_type": 1, "slug": "draft", "name": "Quick look", "tessellation": "standard", "when": "revision", "numbers": "", "formats": [], "structure": "", "longest_min": null, "longest_max": null, "after": 1}]', 'olga', '2026-11-29 14:51:01.849886', 1),
(4, 1, 'Catalog', FALSE, 'every', 40, '[{"kind": "usd", "output_type": null, "slug": "", "name": "", "tessellation": "fine", "when": "always", "numbers": "", "formats": [], "structure": "", "longest_min": null, "longest_max": null, "after": null}, {"kind": "output", "output_type": 10, "slug": "print", "name": "Print", "tessellation": "standard", "when": "always", "numbers": "BRG*", "formats": [], "structure": "assembly", "longest_min": null, "longest_max": null, "after": 1}, {"kind": "output", "output_type": 9, "slug": "shop", "name": "Shop", "tessellation": "standard", "when": "always", "numbers": "", "formats": ["stl", "obj"], "structure": "", "longest_min": 5.0, "longest_max": 500.0, "after": null}]', 'olga', '2026-11-29 14:51:01.857597', 2);
