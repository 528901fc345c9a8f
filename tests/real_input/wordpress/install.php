<?php
// php install.php SITE ADDRESS: installs a WordPress into its empty database and publishes what an office would.
[, $site, $address] = $argv;
(new mysqli('localhost', 'root', '', '', 0, getenv('WORDPRESS_SOCKET')))->query('CREATE DATABASE wordpress');
$_SERVER['HTTP_HOST'] = preg_replace('#^https?://#', '', $address);
define('WP_INSTALLING', true);
define('WP_SITEURL', $address);
function wp_mail() { return true; }
require "$site/wp-load.php";
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Trang thông tin phường', 'quantri', 'quantri@portal.example', true, '', 'mot-mat-khau-dai-1');
$titles = [
    'Lịch tiếp công dân trong tháng',
    'Hướng dẫn nộp hồ sơ đăng ký hộ kinh doanh qua mạng',
    'Công bố danh mục thủ tục hành chính',
    'Thông báo lịch nghỉ lễ của bộ phận một cửa',
    'Mời góp ý dự thảo nghị quyết',
];
foreach ($titles as $title) {
    wp_insert_post([
        'post_title' => $title,
        'post_content' => "$title: hồ sơ được tiếp nhận từ thứ hai đến thứ sáu, buổi sáng bắt đầu lúc bảy giờ ba mươi.",
        'post_status' => 'publish',
    ]);
}
